// a name that is not known -> the known ones most like it, by the measure that Python's difflib has.

const CUTOFF = 0.6;
const MOST = 2000;

/**
 * The up to three names that look most like the one asked for, best first.
 * @param {string} asked @param {Iterable<string>} names @returns {string[]}
 */
export function nearest(asked, names) {
  let known = [...names];
  // Comparing with all of them takes seconds in a large build; a typo seldom hits the first letter.
  if (known.length > MOST) known = known.filter((name) => name[0] === asked[0]).slice(0, MOST);
  const wanted = [...asked].slice(0, 200);
  return known
    .map((name) => ({ name, ratio: ratio([...name], wanted) }))
    .filter((each) => each.ratio >= CUTOFF)
    .sort((a, b) => b.ratio - a.ratio || (a.name < b.name ? 1 : -1))
    .slice(0, 3)
    .map((each) => each.name);
}

/** @param {string[]} a @param {string[]} b */
function ratio(a, b) {
  const length = a.length + b.length;
  return length ? (2 * matching(a, b, 0, a.length, 0, b.length)) / length : 1;
}

/**
 * How many characters match: the longest common piece, and what matches before and after it.
 * @param {string[]} a @param {string[]} b
 * @param {number} fromA @param {number} toA @param {number} fromB @param {number} toB @returns {number}
 */
function matching(a, b, fromA, toA, fromB, toB) {
  let [startA, startB, size] = [fromA, fromB, 0];
  /** @type {number[]} */
  let above = [];
  for (let i = fromA; i < toA; i++) {
    /** @type {number[]} */
    const row = [];
    for (let j = fromB; j < toB; j++) {
      if (a[i] !== b[j]) continue;
      row[j] = (above[j - 1] ?? 0) + 1;
      if (row[j] > size) [startA, startB, size] = [i - row[j] + 1, j - row[j] + 1, row[j]];
    }
    above = row;
  }
  if (!size) return 0;
  const before = matching(a, b, fromA, startA, fromB, startB);
  return before + size + matching(a, b, startA + size, toA, startB + size, toB);
}
