// What an annotator says of a person: the labels on the page, in an answer, and what is missing.

/** Labels before anything is said. `skip` is null, or why the person cannot be judged. */
export function noLabels() {
  return {
    categories: [],
    none_applies: false,
    vad: [null, null, null],
    gender: null,
    age: null,
    skip: null,
  };
}

/** Returns the labels that an answer of the server holds, or null where there is none. */
export function labelsOf(answer) {
  return answer && { ...noLabels(), ...answer };
}

/** Returns the body of an answer. */
export function answerOf({ categories, none_applies, vad, gender, age, skip }) {
  return skip === null ? { categories, none_applies, vad, gender, age } : { skip };
}

/** Says whether labels are the same as others. */
export function same(labels, others) {
  return JSON.stringify(ordered(labels)) === JSON.stringify(ordered(others));
}

/** Returns what is still to be said: `{part, text}` each. */
export function missing({ categories, none_applies, vad, gender, age, skip }, dimensions) {
  if (skip !== null) return [];
  const parts = [];
  if (!categories.length && !none_applies) {
    parts.push({ part: "categories", text: "a category, or that none applies" });
  }
  vad.forEach((value, index) => {
    if (value === null) parts.push({ part: `vad-${index}`, text: dimensions[index].name });
  });
  if (gender === null) parts.push({ part: "gender", text: "gender" });
  if (age === null) parts.push({ part: "age", text: "age" });
  return parts;
}

function ordered(labels) {
  const { categories, none_applies, vad, gender, age, skip } = labels ?? noLabels();
  return skip === null ? [categories, none_applies, vad, gender, age] : skip;
}
