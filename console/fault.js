// URLs of the dev server's faults, by its own table of parameters.

/** What may be set: `[{ title, params: [{ name, meaning, allowed, example, needs, notWith }] }]` of the server's help as JSON. */
export async function loadTable() {
  const response = await fetch('/help', { headers: { Accept: 'application/json' } });
  if (!response.ok || !(response.headers.get('content-type') ?? '').startsWith('application/json')) throw new Error('no table of faults');
  return (await response.json()).groups;
}

/** The values of a stream's URL, by parameter. */
export function valuesOf(text) {
  const at = text.indexOf('?');
  return at < 0 ? {} : Object.fromEntries(new URLSearchParams(text.slice(at + 1)));
}

/** The URL with these values in place of all it had. What need not be escaped stays readable. */
export function withValues(text, values) {
  const path = text.split('?', 1)[0] || '/events';
  const pairs = Object.entries(values).filter(([, value]) => value !== '');
  const query = pairs.map(([name, value]) => `${name}=${readable(value)}`).join('&');
  return query === '' ? path : `${path}?${query}`;
}

function readable(value) {
  // Half of a surrogate pair has no escape: it becomes what URLSearchParams makes of it.
  return encodeURIComponent(new TextDecoder().decode(new TextEncoder().encode(value))).replace(/%(3A|2C|2F|40|3D|3F)/gi, decodeURIComponent);
}

/** What is wrong with which parameters go together: a sentence, or `''`. */
export function conflict(groups, values) {
  const has = (name) => (values[name] ?? '') !== '';
  for (const { name, needs, notWith } of groups.flatMap(({ params }) => params)) {
    if (!has(name)) continue;
    if (needs.length > 0 && !needs.some(has)) return `${name}= needs ${needs.join('= or ')}=.`;
    const other = notWith.find(has);
    if (other !== undefined) return `${name}= does not go with ${other}=.`;
  }
  return '';
}
