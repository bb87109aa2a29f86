// Where an annotator is: people of the picture, list of pictures, how much is done.

import { byId, counted, element } from "./page_elements.js";

/** Shows the people of a picture as buttons. */
export function showPeople(people, selected, { hasDraft, onSelect }) {
  const made = people.map((person, index) => {
    const { id, done, locked } = person;
    const draft = hasDraft(person);
    const states = [draft ? "draft" : done ? "answered" : "open", locked ? "box locked" : ""];
    const button = element(
      "button",
      {
        type: "button",
        class: `person-button person-${index % 6}`,
        "aria-current": id === selected ? "true" : null,
        "aria-label": `Person ${index + 1}, ${states.filter(Boolean).join(", ")}`,
      },
      element("span", { class: "dot" }),
      `${index + 1} `,
      element("span", { class: "mark" }, draft ? "\u270e" : done ? "\u2713" : ""),
    );
    button.onclick = () => onSelect(id);
    return button;
  });
  byId("people").replaceChildren(...made);
}

/** Returns what stands over the labels of a person; undefined where there is nobody. */
export function titleOf(person, { people, error }) {
  if (error !== null) return "This picture cannot be read";
  return person ? `Person ${people.indexOf(person) + 1} of ${people.length}` : "Nobody to label";
}

/** Shows how much is done. */
export function showProgress({ people, answered, pictures, pictures_done }) {
  byId("advance").hidden = false;
  byId("progress").value = people ? answered / people : 0;
  byId("progress-text").textContent =
    `${answered} of ${counted(people, "person", "people")}, ` +
    `${pictures_done} of ${counted(pictures, "picture", "pictures")}`;
}

/** Says whether a picture is done. */
export function isDone({ error, people, answered, nobody }) {
  return error !== null || (people === 0 ? nobody : answered >= people);
}

/** Fills the list of pictures; `onChoose` is called with the id of one. */
export function listPictures(pictures, current, { onChoose }) {
  const unfinished = byId("unfinished").checked;
  const items = pictures
    .map((picture, index) => ({ picture, number: index + 1 }))
    .filter(({ picture }) => !unfinished || !isDone(picture))
    .map(({ picture, number }) => {
      const button = element(
        "button",
        { type: "button", "aria-current": picture.id === current ? "true" : null },
        element("span", { class: "number" }, number),
        element("span", { class: "path", dir: "auto" }, picture.path),
        element("span", { class: "picture-state" }, state(picture)),
      );
      button.onclick = () => onChoose(picture.id);
      return element("li", {}, button);
    });
  if (!items.length) items.push(element("li", { class: "quiet" }, "All are done."));
  byId("picture-list").replaceChildren(...items);
  byId("picture-list").querySelector("[aria-current]")?.scrollIntoView({ block: "center" });
}

function state(picture) {
  const { error, people, answered, nobody } = picture;
  if (error !== null) return "cannot be read";
  if (people === 0) return nobody ? "\u2713 nobody" : "not opened";
  return isDone(picture) ? `\u2713 ${answered} of ${people}` : `${answered} of ${people}`;
}
