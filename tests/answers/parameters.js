// The query parameters of a route: what each may be, and what it is when the URL does not say.

/** An answer that is a status and a line of text, for a request that makes no sense to this server. */
export class Refusal extends Error {
  constructor(status, message, headers = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

export const number = (least, most, usual) => ({
  usual,
  parse(text) {
    if (!/^\d+$/.test(text) || Number(text) < least || Number(text) > most) return undefined;
    return Number(text);
  },
  says: `a number from ${least} to ${most}`,
});

export const oneOf = (usual, ...others) => ({
  usual,
  parse: (text) => [usual, ...others].find((value) => value === text),
  says: `one of ${[usual, ...others].filter((value) => value !== undefined).join(', ')}`,
});

/** Text that can go into a header. */
export const word = (usual) => ({
  usual,
  parse: (text) => (/^[ -~]{0,200}$/.test(text) ? text : undefined),
  says: 'at most 200 characters of ASCII',
});

/** Numbers with commas between. */
export const numbers = (usual) => ({
  usual,
  parse: (text) => (/^\d{1,6}(,\d{1,6})*$/.test(text) ? text.split(',').map(Number) : undefined),
  says: 'numbers with commas between',
});

/** What all routes take: the test's key, and the name that clients give to a position in the query. */
const common = { key: word(), lastEventId: word() };

/** Reads a query by a route's table. A misspelt parameter is refused: a test that asks for no fault would pass. */
export function parse(query, table) {
  const all = { ...common, ...table };
  const values = Object.fromEntries(Object.entries(all).map(([name, { usual }]) => [name, usual]));
  for (const [name, text] of query) {
    if (!Object.hasOwn(all, name)) throw new Refusal(400, `There is no parameter "${name}" here. There are: ${Object.keys(all).join(', ')}.`);
    values[name] = all[name].parse(text);
    if (values[name] === undefined) throw new Refusal(400, `${name}=${text} is impossible: it has to be ${all[name].says}.`);
  }
  return values;
}
