// What is at hand: the picture, its people, the drafts about them.

import { draftOf } from "./page_drafts.js";
import { byId } from "./page_elements.js";
import { labelsOf, noLabels, same } from "./page_labels.js";
import { isDone, showProgress } from "./page_overview.js";
import { askPictures, askProgress, saveNobody } from "./page_server.js";

/** Read by all modules, changed by those of the work. */
export const desk = {
  project: null,
  annotator: null,
  pictures: [],
  picture: null,
  selected: null, // id of a person
};

/** Lays out the pictures for an annotator. */
export async function layOut(project, annotator) {
  Object.assign(desk, { project, annotator, picture: null, selected: null });
  await refreshPictures();
  await refreshProgress();
}

/** Asks for the list of pictures; `nobody` says of one that nobody in it is to be labelled. */
export async function refreshPictures() {
  const pictures = await askPictures(desk.annotator);
  desk.pictures = pictures.map((one) => ({ ...one, nobody: one.done && one.people === 0 }));
}

/** Asks how much is done, and shows it. */
export async function refreshProgress() {
  showProgress(await askProgress(desk.annotator));
}

/** Returns the person at hand, or undefined. */
export function currentPerson() {
  return desk.picture?.people.find(({ id }) => id === desk.selected);
}

/** Returns a person of the server with `done`: whether this annotator answered. */
export function known(person) {
  return { ...person, done: person.answer !== null };
}

/** Returns the place of a person's draft. */
export function keyOf(person) {
  const { project, annotator, picture } = desk;
  return JSON.stringify([project.folder, annotator, picture.path, person.id]);
}

/** Returns the draft of a person, null where there is none or it says what is saved. */
export function draftFor(person) {
  const draft = draftOf(keyOf(person));
  const labels = draft && { ...noLabels(), ...draft };
  return labels && !same(labels, labelsOf(person.answer)) ? labels : null;
}

/** Returns the next person of the picture without an answer, from the one at hand on. */
export function nextPerson() {
  const people = desk.picture?.people ?? [];
  return after(people, desk.selected).find(({ done }) => !done);
}

/** Returns the next picture that is not done, from the one at hand on. */
export function nextPicture() {
  return after(desk.pictures, desk.picture?.id).find((one) => !isDone(one));
}

/** Saves that the picture at hand shows nobody who is to be labelled. */
export async function saveNobodyHere() {
  const { id } = desk.picture;
  const { progress } = await saveNobody(id, desk.annotator);
  desk.pictures.find((one) => one.id === id).nobody = true;
  showProgress(progress);
}

/** Tells about the labels, in the line beside the button. */
export function tell(text, tone = "") {
  byId("saved").textContent = text;
  byId("saved").className = tone;
}

function after(items, current) {
  const next = items.findIndex(({ id }) => id === current) + 1;
  return [...items.slice(next), ...items.slice(0, next)];
}
