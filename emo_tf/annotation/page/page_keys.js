// Keys: which there are, and what they do.

import { byId, element } from "./page_elements.js";
import { choiceOf, keepChoice } from "./page_drafts.js";

const SHIFT = "\u21e7";
const KEYS = [
  [["A", "\u2013", "Z"], "tick one of the 26 categories; each shows its letter"],
  [[`${SHIFT}N`], "none of the 26 applies"],
  [["1", "\u2013", "9", "0"], "rate the marked dimension and go to the next; 0 is 10"],
  [["Backspace"], "back to the dimension before"],
  [[`${SHIFT}F`, `${SHIFT}K`, "\u2026"], "gender and age; each shows its letter"],
  [[`${SHIFT}S`], "this person cannot be judged"],
  [["Enter"], "save, and go on to the next person"],
  [["\u2190", "\u2192"], "person before, person after"],
  [["Page\u2191", "Page\u2193"], "picture before, picture after"],
  [[`${SHIFT}B`], "new box in the middle"],
  [[`${SHIFT}E`], "edit the box: arrow keys move it, with Shift they size it"],
  [["Delete"], "delete the box"],
  [["+", "\u2212", "."], "zoom in, zoom out, fit"],
  [["?"], "this list"],
  [["Esc"], "close, stop drawing, back from the box to the labels"],
];
const SINGLE = "single keys";

/** Makes the list of keys. */
export function keyTable() {
  const rows = KEYS.map(([keys, text]) =>
    element(
      "div",
      {},
      element("dt", {}, ...keys.flatMap((key) => keyOrDash(key))),
      element("dd", {}, text),
    ),
  );
  return element("dl", { class: "keys" }, ...rows);
}

/**
 * Listens to keys. `actions` has functions `isAtWork()`, `category(index)`, `rate(value)`,
 * `capital(letter)`, `zoom(direction)`, `again`, `keys`, `save`, `person(step)`, `picture(step)`,
 * `remove`, `back`.
 */
export function listenToKeys(actions) {
  const single = byId("single-keys");
  single.checked = choiceOf(SINGLE) !== "off";
  single.onchange = () => {
    keepChoice(SINGLE, single.checked ? "on" : "off");
    markSingle();
  };
  markSingle();
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) {
      return;
    }
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (!actions.isAtWork() && event.key !== "Escape" && event.key !== "?") return;
    const action = named(event, actions) ?? (single.checked ? character(event, actions) : null);
    if (!action) return;
    event.preventDefault();
    action();
  });
}

function named({ key, target, repeat }, actions) {
  const typing = isTyping(target);
  const radio = target.type === "radio";
  const panning = target.id === "viewport" && target.matches(".zoomed");
  if (key === "Enter" && !target.closest("button, a") && !repeat) return actions.save;
  if (key === "Escape") return actions.back;
  if (typing) return null;
  if (key === "PageDown" && !panning) return () => actions.picture(1);
  if (key === "PageUp" && !panning) return () => actions.picture(-1);
  if (key === "Delete") return actions.remove;
  if (radio || panning) return null; // the arrows are theirs
  if (key === "ArrowRight") return () => actions.person(1);
  if (key === "ArrowLeft") return () => actions.person(-1);
  return null;
}

function character({ key, code, shiftKey, target, repeat }, actions) {
  if (isTyping(target) || repeat) return null;
  if (/^[0-9]$/.test(key)) return () => actions.rate(Number(key) || 10);
  // Where another alphabet is typed, the place of the key counts.
  const letter = /^[a-z]$/i.test(key) ? key.toUpperCase() : /^Key([A-Z])$/.exec(code)?.[1];
  if (letter && shiftKey) return () => actions.capital(letter);
  if (letter) return () => actions.category(letter.charCodeAt(0) - "A".charCodeAt(0));
  const signs = {
    "+": () => actions.zoom(1),
    "=": () => actions.zoom(1),
    "-": () => actions.zoom(-1),
    ".": () => actions.zoom(0),
    "?": actions.keys,
    Backspace: actions.again,
  };
  return signs[key] ?? null;
}

function isTyping(target) {
  return target.matches("input:not([type=checkbox], [type=radio]), textarea, select");
}

function markSingle() {
  document.body.classList.toggle("no-single-keys", !byId("single-keys").checked);
}

function keyOrDash(key) {
  return key === "\u2013" || key === "\u2026" ? [key, " "] : [element("kbd", {}, key), " "];
}
