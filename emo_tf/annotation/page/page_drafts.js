// Labels that are not saved yet, kept in this browser until they are.

const PREFIX = "emo-tf annotate";
const memory = new Map(); // where the browser keeps nothing

/** Keeps labels. */
export function keepDraft(key, labels) {
  keep(named("draft", key), JSON.stringify(labels));
}

/** Returns the labels that are kept, or null. */
export function draftOf(key) {
  try {
    return JSON.parse(kept(named("draft", key)));
  } catch {
    return null; // of something else
  }
}

/** Forgets labels. */
export function dropDraft(key) {
  memory.delete(named("draft", key));
  try {
    localStorage.removeItem(named("draft", key));
  } catch {
    // It keeps nothing.
  }
}

/** Keeps a choice of whoever uses this browser. */
export function keepChoice(name, value) {
  keep(named("choice", name), value);
}

/** Returns a choice, or null where none was made. */
export function choiceOf(name) {
  return kept(named("choice", name));
}

function named(kind, key) {
  return `${PREFIX}: ${kind}: ${key}`;
}

function keep(key, text) {
  memory.set(key, text);
  try {
    localStorage.setItem(key, text);
  } catch {
    // Full or switched off: it is kept until the page is closed.
  }
}

function kept(key) {
  try {
    return localStorage.getItem(key) ?? memory.get(key) ?? null;
  } catch {
    return memory.get(key) ?? null;
  }
}
