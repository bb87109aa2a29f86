// Words a result: the verdict on the group, and the details of the face or person selected.

import { vadDial } from "./page_dial.js";
import { bars, byId, colourClass, counted, element, percent } from "./page_elements.js";
import { faceClass, personClass } from "./page_picture.js";

const BY = {
  faces: "by the faces",
  scenes: "by the scene",
  hybrid: "by faces and scene",
  ensemble: "by the ensemble",
};

/** Shows a result, with its first face or person selected; `onSelect` hears of each choice. */
export function showResult(result, onSelect) {
  byId("verdict").replaceChildren(...verdict(result));
  const found = [
    ...result.faces.map((face, index) => ({
      key: `face-${index}`,
      name: `Face ${index + 1}`,
      face,
    })),
    ...result.people.map((person, index) => ({
      key: `person-${index}`,
      name: `Person ${index + 1}`,
      person,
      colour: personClass(index),
    })),
  ];
  byId("who").hidden = found.length === 0;
  byId("who-title").textContent = foundWords(result);
  const rows = [found.filter(({ face }) => face), found.filter(({ person }) => person)]
    .filter((row) => row.length)
    .map((row) => element("div", { class: "choices" }, ...row.map(choice)));
  byId("choices").replaceChildren(...rows);
  byId("choices").onchange = ({ target }) => onSelect(target.value);
  return Object.fromEntries(found.map((one) => [one.key, one]));
}

/** Shows the details of one face or person. */
export function showDetails(one, result) {
  byId(`choice-${one.key}`).checked = true;
  byId("details").replaceChildren(
    ...(one.face ? faceDetails(one, result) : personDetails(one)),
  );
}

/** Says in one sentence what a result holds. */
export function inShort(result) {
  return [`${foundWords(result)} found.`, ...verdictWords(result)].join(" ");
}

/** Says in one sentence how one face or person looks. */
export function oneInShort({ name, face, person }) {
  if (person) {
    const above = person.categories.filter((category) => category.above);
    return `${name}: ${above.map(({ label }) => label).join(", ") || "no category"}.`;
  }
  if (!face.expression) return `${name}.`;
  const { label, probabilities } = face.expression;
  return `${name} looks ${label}, ${percent(probabilities[label])}.`;
}

function foundWords({ faces, people }) {
  const words = [counted(faces.length, "face", "faces")];
  if (people.length) words.push(counted(people.length, "person", "people"));
  return words.join(" and ");
}

function verdictWords({ group, faces, reason }) {
  if (!group) return reason ? [sentence(reason)] : [];
  const appears = faces.length > 1 ? "The group appears" : "Appears";
  return [`${appears} ${group.label}, ${percent(group.probabilities[group.label])}.`];
}

function verdict(result) {
  const { group, faces, people, reason, width, height, timings_ms: timings } = result;
  const milliseconds = timings?.total === undefined ? "" : ` · ${Math.round(timings.total)} ms`;
  const facts = element(
    "p",
    { class: "quiet facts" },
    `${width} × ${height} pixels · ${foundWords(result)}${milliseconds}`,
  );
  if (!group) {
    const some = faces.length || people.length;
    const without = reason ? "No verdict on a group" : `${foundWords(result)} found`;
    const title = some ? without : "Nobody was found";
    const why = reason ? element("p", { id: "reason" }, sentence(reason)) : null;
    return [element("h3", {}, title), why, facts].filter(Boolean);
  }
  const appears = faces.length > 1 ? "The group appears " : "Appears ";
  const title = element(
    "h3",
    {},
    appears,
    word(group.label, colourClass("group", group.label)),
    element("span", { class: "score" }, ` ${percent(group.probabilities[group.label])}`),
    element("span", { class: "quiet by" }, ` ${BY[group.source] ?? `by ${group.source}`}`),
  );
  return [
    title,
    bars(classRows(group), "Verdict on the group"),
    ...otherSources(group),
    group.note ? element("p", { class: "quiet", id: "note" }, sentence(group.note)) : null,
    reason ? element("p", { class: "quiet" }, sentence(reason)) : null,
    facts,
  ].filter(Boolean);
}

function classRows(group) {
  return Object.entries(group.probabilities).map(([name, share]) => ({
    name,
    share,
    className: colourClass("group", name),
    strong: name === group.label,
  }));
}

/** Says what every source of evidence gives, where there is more than the one followed. */
function otherSources(group) {
  const told = Object.entries(group.verdicts).filter(([, verdict]) => verdict);
  if (told.every(([source]) => source === group.source)) return [];
  const rows = told.map(([source, verdict]) => {
    const [label, share] = Object.entries(verdict).sort(([, one], [, other]) => other - one)[0];
    return element(
      "li",
      {},
      element("span", { class: "name" }, source),
      element("span", { class: `dot ${colourClass("group", label)}` }),
      `${label} ${percent(share)}`,
    );
  });
  return [element("ul", { class: "sources", "aria-label": "What each source says" }, ...rows)];
}

function choice({ key, name, face, person, colour }) {
  const label = face?.expression?.label;
  const dot = face ? faceClass(face) : colour;
  const said = label ? element("span", { class: "quiet" }, ` ${label}`) : null;
  return element(
    "div",
    { class: "choice" },
    element("input", { type: "radio", name: "who", id: `choice-${key}`, value: key }),
    element(
      "label",
      { for: `choice-${key}` },
      element("span", { class: `dot ${dot} ${person ? "square" : ""}`, "aria-hidden": "true" }),
      name,
      said,
    ),
  );
}

function faceDetails({ name, face }, result) {
  const shown = [];
  if (face.expression) {
    const { label, probabilities } = face.expression;
    const rows = Object.entries(probabilities).map(([one, share]) => ({
      name: one,
      share,
      className: colourClass("expression", one),
      strong: one === label,
    }));
    shown.push(
      element("h3", {}, `${name} looks `, word(label, faceClass(face))),
      bars(rows, `Expressions of ${name.toLowerCase()}`),
    );
  } else shown.push(element("h3", {}, name));
  const facts = [where(face), ...weight(face, result)].join(" · ");
  return [...shown, element("p", { class: "quiet facts" }, facts)];
}

function word(label, colour) {
  return element("span", { class: `word-of ${colour}` }, label);
}

function weight(face, { group, faces }) {
  const weights = group?.face_weights ?? [];
  const total = weights.reduce((sum, one) => sum + one, 0);
  if (faces.length < 2 || weights.length !== faces.length || total <= 0) return [];
  const share = weights[faces.indexOf(face)] / total;
  return [share ? `${percent(share)} of the group's verdict` : "not looked at for the verdict"];
}

function personDetails({ name, person, colour }) {
  const above = person.categories.filter((category) => category.above);
  const ranked = (some) => [...some].sort((one, other) => other.score - one.score);
  const rows = (some) =>
    ranked(some).map(({ label, score, threshold, above: strong }) => ({
      name: label,
      share: score,
      text: score.toFixed(2),
      threshold,
      className: colour,
      strong,
    }));
  const categories = element("div", { id: "categories" });
  const all = person.categories.length;
  const more = element("button", { type: "button", class: "button small" });
  const show = (whole) => {
    const some = whole ? person.categories : above;
    more.textContent = whole ? "Show fewer" : `Show all ${all}`;
    more.setAttribute("aria-expanded", String(whole));
    more.onclick = () => show(!whole);
    categories.replaceChildren(
      some.length
        ? bars(rows(some), `Categories of ${name.toLowerCase()}`)
        : element("p", {}, "No category lies above its threshold."),
    );
  };
  more.setAttribute("aria-controls", "categories");
  show(false);
  return [
    element("h3", {}, `${name} `, element("span", { class: "quiet by" }, "appears to show")),
    categories,
    element("p", { class: "row" }, more),
    element("p", { class: "quiet" }, "Scores; the small mark is the threshold of a category."),
    element("h4", {}, "Valence, arousal, dominance"),
    vadDial(person.vad),
    element("p", { class: "quiet facts" }, where(person)),
  ];
}

function where({ box_xywh: [, , width, height], score }) {
  const box = `${Math.round(width)} × ${Math.round(height)} pixels`;
  return score === null ? box : `${box} · found with a score of ${score.toFixed(2)}`;
}

function sentence(text) {
  const first = text.slice(0, 1).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}
