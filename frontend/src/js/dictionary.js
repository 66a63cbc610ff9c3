// Reads objects of options as the platform reads its dictionaries, and says what is wrong with them.

export function refuse(error) {
  throw error;
}

/**
 * Reads the members that are in `table`, as the platform reads a dictionary, and warns about those that are in no table: otherwise, a
 * misspelt name would be ignored silently.
 */
export function readOptions(caller, given, table, others, example) {
  const read = {};
  if (given === undefined || given === null) return read;
  if (typeof given !== 'object' && typeof given !== 'function') {
    throw new TypeError(`${caller}: options must be an object, ${example}, not ${show(given)}`);
  }
  for (const [name, readMember] of Object.entries(table)) {
    const value = given[name];
    if (value === undefined) continue;
    read[name] = readMember(value, (rule) => new TypeError(`${caller}: ${name} ${rule}, not ${show(value)}`), caller);
  }
  const known = [...Object.keys(table), ...Object.keys(others)];
  for (const name in given) {
    if (!known.includes(name)) console.warn(`${caller}: there is no option "${name}"${suggestion(name, known)}; it is ignored`);
  }
  return read;
}

/** A reader of a value for which `holds` has to be true. */
export function check(rule, holds) {
  return (given, wrong) => {
    if (holds(given)) return given;
    throw wrong(rule);
  };
}

function either(words) {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** A reader of a value that is one of these. */
export function oneOf(...values) {
  return check(`must be ${either(values.map((value) => (typeof value === 'string' ? `'${value}'` : `${value}`)))}`, (given) => values.includes(given));
}

/** A value as a message can show it. */
export function show(value) {
  if (typeof value === 'function') return 'a function';
  let shown;
  try {
    shown = typeof value === 'number' ? `${value}` : JSON.stringify(value);
  } catch {
    // Circular, or with a getter that throws.
  }
  return (shown ?? typeof value).slice(0, 40);
}

function suggestion(name, known) {
  const distances = known.map((candidate) => distance(name.toLowerCase(), candidate.toLowerCase()));
  const least = Math.min(...distances);
  return least <= Math.max(2, name.length / 3) ? `; did you mean "${known[distances.indexOf(least)]}"?` : '';
}

/** The edit distance of two words: how many letters have to be inserted, removed or changed. */
function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      next[j] = Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
}
