// What messages say, and numbers made of it.

/** `<t0>-<n>`, or `<n>` where the time is of no interest; long data has more behind. */
export function position(data) {
  const match = /^(?:(\d+)-)?(\d+)/.exec(data.slice(0, 40));
  if (!match) throw new Error(`the message has no number: ${data.slice(0, 40)}`);
  return { t0: Number(match[1]), n: Number(match[2]) };
}

/** Sorts the numbers, too. */
export function percentile(numbers, percent) {
  numbers.sort((a, b) => a - b);
  return numbers[Math.floor(((numbers.length - 1) * percent) / 100)];
}
