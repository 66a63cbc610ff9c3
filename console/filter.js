// Decides which messages are shown.

/**
 * Makes a function that says whether a message is shown, or `null` if all are. `only` lists types; `find` is text that the data has to
 * contain, in any case, or with `regexp` a regular expression. Throws an error that says what is wrong with the expression.
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
    throw new Error(`That is not a valid regular expression (${error.message}): write \\( for the character (, or search for plain text.`);
  }
  return (data) => regexp.test(data);
}
