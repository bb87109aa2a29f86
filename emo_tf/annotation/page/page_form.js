// The form in which a person is labelled.

import { byId, element } from "./page_elements.js";
import { manikin } from "./page_manikins.js";

const STEPS = 10;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const UNKNOWN = "cannot tell";
const UNKNOWN_KEYS = { gender: "G", age: "Y" };

let project = null; // the words of the form
let current = 0; // the dimension that digits rate
let changed = () => {}; // called when the annotator has changed something

/** Builds the form from the words of a project; `onChange` is called at each change by hand. */
export function buildForm(words, onChange) {
  project = words;
  changed = onChange;
  byId("categories").replaceChildren(
    ...project.categories.map(({ name, definition }, index) =>
      category(`category-${index}`, LETTERS[index], name, definition),
    ),
    category("none-applies", "\u21e7N", "None of these", ""),
  );
  byId("scales").replaceChildren(...project.dimensions.map(scale));
  byId("facts").replaceChildren(
    fact("gender", "Apparent gender", project.genders.map((name) => ({ name }))),
    fact("age", "Apparent age", project.ages),
  );
  byId("labels").addEventListener("change", ({ target }) => {
    // The reason is heard at each letter; this would come once the next person is at hand.
    if (target.id !== "reason") settle(target);
  });
  byId("reason").addEventListener("input", () => changed());
  byId("categories").addEventListener("focusin", ({ target }) => define(target));
  byId("categories").addEventListener("pointerover", ({ target }) => define(target));
  byId("scales").addEventListener("focusin", ({ target }) => {
    markCurrent([...byId("scales").children].indexOf(target.closest(".scale")));
  });
  byId("definitions").onclick = showDefinitions;
  define(null);
}

/** Shows labels in the form. */
export function fillForm({ categories, none_applies, vad, gender, age, skip }) {
  project.categories.forEach(({ name }, index) => {
    byId(`category-${index}`).checked = categories.includes(name);
  });
  byId("none-applies").checked = none_applies;
  project.dimensions.forEach((_, index) => {
    for (const step of steps(index)) step.checked = Number(step.value) === vad[index];
  });
  for (const [name, value] of [["gender", gender], ["age", age]]) {
    for (const choice of choices(name)) choice.checked = choice.value === value;
  }
  byId("skip").checked = skip !== null;
  byId("reason").value = skip ?? "";
  showSkip();
  define(null);
  markCurrent(Math.max(vad.indexOf(null), 0));
}

/** Returns the labels that the form shows. */
export function readForm() {
  return {
    categories: project.categories
      .map(({ name }) => name)
      .filter((_, index) => byId(`category-${index}`).checked),
    none_applies: byId("none-applies").checked,
    vad: project.dimensions.map((_, index) => {
      const step = steps(index).find(({ checked }) => checked);
      return step ? Number(step.value) : null;
    }),
    gender: choices("gender").find(({ checked }) => checked)?.value ?? null,
    age: choices("age").find(({ checked }) => checked)?.value ?? null,
    skip: byId("skip").checked ? byId("reason").value.trim() : null,
  };
}

/** Puts the focus where something is missing. */
export function focusOn(part) {
  const [name, index] = part.split("-");
  const fields = {
    categories: () => byId("category-0"),
    vad: () => steps(Number(index))[0],
    gender: () => choices("gender")[0],
    age: () => choices("age")[0],
  };
  fields[name]().focus();
}

/** Toggles a category by its place; returns what is to be said of it. */
export function toggleCategory(index) {
  const box = byId(`category-${index}`);
  if (!box || byId("judged").disabled) return null;
  box.checked = !box.checked;
  define(box);
  settle(box);
  return `${project.categories[index].name} ${box.checked ? "ticked" : "not ticked"}`;
}

/** Rates the dimension whose turn it is, and goes on to the next; returns what is to be said. */
export function rate(value) {
  if (byId("judged").disabled) return null;
  const step = steps(current)[value - 1];
  const { name } = project.dimensions[current];
  step.checked = true;
  settle(step);
  return `${name} ${value}`;
}

/** Goes back to the dimension before. */
export function rateAgain() {
  markCurrent(Math.max(current - 1, 0));
  return project.dimensions[current].name;
}

/** Does what a capital letter stands for; returns what is to be said, null for other letters. */
export function pressCapital(letter) {
  const control = byId("labels").querySelector(`[data-capital="${letter}"]`);
  if (!control || control.matches(":disabled")) return null;
  control.checked = control.type === "radio" || !control.checked;
  settle(control);
  const label = control.getAttribute("aria-label") ?? control.labels[0].dataset.name;
  return `${label}${control.checked ? "" : " not ticked"}`;
}

function settle(target) {
  if (target.id === "none-applies" && target.checked) {
    for (const box of byId("categories").querySelectorAll("input")) box.checked = box === target;
  } else if (target.id?.startsWith("category-") && target.checked) {
    byId("none-applies").checked = false;
  }
  if (target.id === "skip") showSkip();
  if (target.name?.startsWith("vad-")) {
    markCurrent(Math.min(Number(target.name.at(-1)) + 1, project.dimensions.length - 1));
  }
  changed();
}

function showSkip() {
  const skipped = byId("skip").checked;
  byId("judged").disabled = skipped;
  byId("reason-field").hidden = !skipped;
}

function markCurrent(index) {
  current = index;
  [...byId("scales").children].forEach((made, place) => {
    made.classList.toggle("current", place === index);
  });
}

function category(id, letter, name, definition) {
  return element(
    "div",
    { class: "category" },
    element("input", {
      type: "checkbox",
      id,
      "data-capital": letter.startsWith("\u21e7") ? letter.slice(1) : null,
      "aria-describedby": definition ? `${id}-definition` : null,
    }),
    element(
      "label",
      { for: id, "data-name": name },
      element("kbd", { "aria-hidden": "true" }, letter),
      ` ${name}`,
    ),
    definition ? element("span", { class: "meaning", id: `${id}-definition` }, definition) : null,
  );
}

function scale({ name, definition, low, high }, index) {
  const made = Array.from({ length: STEPS }, (_, place) => {
    const value = place + 1;
    const words = { 1: `: ${low}`, [STEPS]: `: ${high}` }[value] ?? "";
    const id = `vad-${index}-${value}`;
    return element(
      "div",
      { class: "step" },
      element("input", {
        type: "radio",
        id,
        name: `vad-${index}`,
        value,
        "aria-label": `${name} ${value}${words}`,
      }),
      element(
        "label",
        { for: id },
        manikin(name.toLowerCase(), place / (STEPS - 1)),
        element("span", {}, value),
      ),
    );
  });
  return element(
    "fieldset",
    { class: "scale" },
    element(
      "legend",
      {},
      element("span", { class: "scale-name" }, name),
      element("span", { class: "quiet" }, ` ${definition}`),
    ),
    element("div", { class: "steps" }, ...made),
    element(
      "div",
      { class: "ends quiet", "aria-hidden": "true" },
      element("span", {}, low),
      element("span", {}, high),
    ),
  );
}

function fact(kind, title, options) {
  const all = [...options, { name: UNKNOWN, value: "" }];
  const made = all.map(({ name, years, value = name }, index) => {
    const id = `${kind}-${index}`;
    const key = value === "" ? UNKNOWN_KEYS[kind] : name[0].toUpperCase();
    return element(
      "div",
      { class: "choice" },
      element("input", {
        type: "radio",
        id,
        name: kind,
        value,
        "data-capital": key,
        "aria-label": `${title}: ${name}${years ? `, ${years}` : ""}`,
      }),
      element(
        "label",
        { for: id },
        element("kbd", { "aria-hidden": "true" }, `\u21e7${key}`),
        ` ${name}`,
        years ? element("small", {}, ` ${years}`) : null,
      ),
    );
  });
  return element(
    "fieldset",
    { class: "fact" },
    element("legend", {}, title),
    element("div", { class: "choices" }, ...made),
  );
}

function define(target) {
  const id = target?.closest?.(".category")?.querySelector(".meaning")?.id;
  const index = id ? Number(id.split("-")[1]) : null;
  byId("definition").replaceChildren(
    ...(index === null
      ? ["Point at a category, or press its letter, to read what it means."]
      : [
          element("strong", {}, project.categories[index].name),
          ` ${project.categories[index].definition}`,
        ]),
  );
}

function showDefinitions() {
  const shown = byId("categories").classList.toggle("defined");
  byId("definitions").setAttribute("aria-pressed", shown);
}

function steps(index) {
  return [...document.getElementsByName(`vad-${index}`)];
}

function choices(name) {
  return [...document.getElementsByName(name)];
}
