export function stateOf(given) {
  const props = $state(given);
  return props;
}
