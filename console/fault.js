// Builds URLs with the dev server's faults, from the server's table of parameters.

/** The parameters, from the server's help as JSON: `[{ title, params: [{ name, meaning, allowed, example, needs, notWith }] }]`. */
export async function loadTable() {
  const response = await fetch('/help', { headers: { Accept: 'application/json' } });
  if (!response.ok || !(response.headers.get('content-type') ?? '').startsWith('application/json')) throw new Error('no table of faults');
  return (await response.json()).groups;
}

/** The parameters of a stream's URL and their values. */
export function valuesOf(text) {
  const at = text.indexOf('?');
  return at < 0 ? {} : Object.fromEntries(new URLSearchParams(text.slice(at + 1)));
}

/** The URL with these parameters instead of its own. Characters that need no escaping stay readable. */
export function withValues(text, values) {
  const path = text.split('?', 1)[0] || '/events';
  const pairs = Object.entries(values).filter(([, value]) => value !== '');
  const query = pairs.map(([name, value]) => `${name}=${readable(value)}`).join('&');
  return query === '' ? path : `${path}?${query}`;
}

function readable(value) {
  // A lone surrogate can't be escaped, so it is replaced as URLSearchParams does.
  return encodeURIComponent(new TextDecoder().decode(new TextEncoder().encode(value))).replace(/%(3A|2C|2F|40|3D|3F)/gi, decodeURIComponent);
}

/** A sentence that says which parameters can't be combined or are missing; `''` if all is well. */
export function conflict(groups, values) {
  const has = (name) => (values[name] ?? '') !== '';
  for (const { name, needs, notWith } of groups.flatMap(({ params }) => params)) {
    if (!has(name)) continue;
    if (needs.length > 0 && !needs.some(has)) return `${name}= needs ${needs.join('= or ')}=.`;
    const other = notWith.find(has);
    if (other !== undefined) return `${name}= can’t be combined with ${other}=.`;
  }
  return '';
}
