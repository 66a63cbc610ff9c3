// Which messages are shown.

/**
 * Makes of `{ find, only, regexp }` a function that says whether a message is shown; `null` where all are. `only` lists types, `find`
 * is text that the data has, of whatever case, or with `regexp` a regular expression. An error says what is wrong with that.
 */
export function makeFilter({ find = '', only = '', regexp = '' }) {
  const types = new Set(only.split(/[\s,]+/).filter((type) => type !== ''));
  const matches = matcher(find, regexp !== '');
  if (types.size === 0 && matches === null) return null;
  return ({ type, data }) => (types.size === 0 || types.has(type)) && (matches === null || matches(data));
}

function matcher(find, isRegexp) {
  if (find === '') return null;
  if (!isRegexp) {
    const text = find.toLowerCase();
    return (data) => data.toLowerCase().includes(text);
  }
  let regexp;
  try {
    regexp = new RegExp(find, 'iu');
  } catch (error) {
    throw new Error(`That is no regular expression (${error.message}): write \\( for the character ( itself, or search for text.`);
  }
  return (data) => regexp.test(data);
}
