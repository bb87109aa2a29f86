// Work at the desk: pictures opened, people gone to, boxes made, labels saved.

import { cancelDrag, focusBox } from "./page_boxes.js";
import {
  currentPerson,
  desk,
  draftFor,
  keyOf,
  known,
  layOut,
  nextPerson,
  nextPicture,
  refreshPictures,
  refreshProgress,
  saveNobodyHere,
  tell,
} from "./page_desk.js";
import { dropDraft, keepDraft } from "./page_drafts.js";
import { byId } from "./page_elements.js";
import { fillForm, focusOn, readForm } from "./page_form.js";
import { middleBox } from "./page_geometry.js";
import { answerOf, labelsOf, missing, noLabels, same } from "./page_labels.js";
import { showPeople, showProgress, titleOf } from "./page_overview.js";
import { forgetBox, sendBox, showPeopleBoxes } from "./page_people.js";
import { attempt, clearProblem, showProblem } from "./page_problem.js";
import { startSaving } from "./page_saving.js";
import { addPerson, askImage, askPicture, removePerson } from "./page_server.js";
import { noteOnStage, showImage } from "./page_stage.js";

const NOBODY = "Nobody is marked here. Draw a box round a person, or go on.";

const OPENING = "Opening the picture. Whoever opens it first waits until people are looked for.";
const PATIENCE = 600; // milliseconds until it is said that a picture is being opened

let saving = null; // the save that is under way
let turn = 0; // counts what is opened: what belongs to an older one is dropped
let slow = null; // timer of what is said where opening takes long
let onDone = () => {};

/** Begins with what the address names, else with the first person without an answer. */
export async function begin(project, annotator, whenDone) {
  onDone = whenDone;
  wait(true);
  try {
    await layOut(project, annotator);
    const place = new URLSearchParams(location.hash.slice(1));
    const [picture, person] = ["picture", "person"].map((name) => Number(place.get(name)));
    if (desk.pictures.some(({ id }) => id === picture)) await openPicture(picture, person);
    else await goOn();
  } finally {
    wait(false);
  }
}

/** Opens a picture, at a person if one is given, else at the first without an answer. */
export async function openPicture(id, wanted = null) {
  const mine = ++turn;
  wait(true);
  try {
    await leave();
    const picture = await askPicture(id, desk.annotator);
    const image = picture.error === null ? await askImage(id) : null;
    if (mine !== turn) return;
    picture.people = image ? picture.people.map(known) : [];
    await showImage(image, picture);
    if (mine !== turn) return;
    desk.picture = picture;
  } finally {
    if (mine === turn) wait(false);
  }
  const { people, path } = desk.picture;
  const person =
    people.find((one) => one.id === wanted) ?? people.find(({ done }) => !done) ?? people[0];
  byId("picture-title").textContent = path;
  const number = desk.pictures.findIndex((one) => one.id === id) + 1;
  byId("picture-number").textContent = `${number} of ${desk.pictures.length}`;
  select(person?.id ?? null);
  await refreshProgress(); // people may have been found
  prepareNext();
}

/** Goes to a person of the picture, once the box of the one before is on the server. */
export async function goTo(id) {
  await sendBox();
  select(id);
}

/** Goes so many people on, and over the edge of the picture to the one before or after. */
export async function stepPerson(step) {
  const { people } = desk.picture;
  const next = people[people.findIndex(({ id }) => id === desk.selected) + step];
  if (desk.selected !== null && next) await goTo(next.id);
  else await stepPicture(step);
}

/** Goes so many pictures on. */
export async function stepPicture(step) {
  const next = desk.pictures[desk.pictures.findIndex(({ id }) => id === desk.picture?.id) + step];
  if (next) await openPicture(next.id);
  else tell(step > 0 ? "This is the last picture." : "This is the first picture.");
}

/** Adds a person in a box, which is in the middle unless one is given. */
export async function addBox(box = null) {
  const { picture, annotator } = desk;
  if (picture.error !== null) return;
  await sendBox();
  const person = await addPerson(picture.id, annotator, box ?? middleBox(picture));
  if (picture !== desk.picture) return;
  picture.people.push(known(person));
  select(person.id);
  if (box === null) focusBox(); // it has yet to be put round somebody
  await refreshProgress();
}

/** Takes the box at hand away; asks before if it has labels. */
export async function deleteBox() {
  const person = currentPerson();
  if (!person || person.locked) return;
  const labelled = person.done || draftFor(person);
  if (labelled && !window.confirm("Delete this box with your labels?")) return;
  stopSaving();
  forgetBox();
  await removePerson(person.id, desk.annotator);
  dropDraft(keyOf(person));
  const { people } = desk.picture;
  const index = people.indexOf(person);
  people.splice(index, 1);
  select((people[index] ?? people[index - 1])?.id ?? null);
  await refreshProgress();
}

/** Saves the labels, and goes on once the server has them. */
export async function save() {
  if (saving) {
    saving.retry();
    return;
  }
  const person = currentPerson();
  if (!person) {
    await attempt(async () => {
      if (desk.picture.error === null) await saveNobodyHere();
      await goOn();
    });
    return;
  }
  const labels = readForm();
  const lacking = missing(labels, desk.project.dimensions);
  if (lacking.length) {
    tell(`Not saved, still to say: ${lacking.map(({ text }) => text).join(", ")}.`, "alarm");
    focusOn(lacking[0].part);
    return;
  }
  const isSaved = person.done && same(labels, labelsOf(person.answer));
  if (!isSaved && !(await saveLabels(person, labels))) return;
  if (person.id === desk.selected && same(readForm(), labels)) await attempt(goOn);
}

/** Keeps the labels on the page as a draft; called at each change. */
export function keepLabels() {
  const person = currentPerson();
  if (!person) return;
  const labels = readForm();
  if (same(labels, labelsOf(person.answer))) dropDraft(keyOf(person));
  else keepDraft(keyOf(person), labels);
  if (!saving) tell("");
  showDesk();
}

/** Throws the draft away and shows what is saved. */
export function discardDraft() {
  dropDraft(keyOf(currentPerson()));
  select(desk.selected);
}

/** Says whether something on the page is not saved. */
export function isUnsaved() {
  const person = currentPerson();
  return saving !== null || Boolean(person && draftFor(person));
}

/** Leaves the person at hand: the box is sent, a save that waits is stopped, drafts stay. */
export async function leave() {
  stopSaving();
  cancelDrag();
  await sendBox();
}

/** Has people looked for in the next picture, so that nobody waits for it. */
function prepareNext() {
  const next = desk.project.detects && nextPicture();
  if (next) askPicture(next.id, desk.annotator).catch(() => {}); // said when it is opened
}

function select(id) {
  stopSaving();
  desk.selected = id;
  const person = currentPerson();
  const place = { picture: desk.picture.id, ...(person ? { person: id } : {}) };
  history.replaceState(null, "", `#${new URLSearchParams(place)}`);
  const draft = person && draftFor(person);
  fillForm(draft ?? labelsOf(person?.answer ?? null) ?? noLabels());
  showDesk();
  byId("person-title").focus({ preventScroll: true });
  byId("viewport").scrollIntoView({ block: "nearest" });
}

function showDesk() {
  const { picture, selected } = desk;
  const { people, error } = picture;
  const person = currentPerson();
  const answered = people.filter(({ done }) => done).length;
  const entry = desk.pictures.find(({ id }) => id === picture.id);
  Object.assign(entry, { people: people.length, answered, error });
  showPeopleBoxes();
  const hasDraft = (one) => draftFor(one) !== null;
  showPeople(people, selected, { hasDraft, onSelect: (id) => attempt(() => goTo(id)) });
  const draft = Boolean(person) && hasDraft(person);
  byId("labels").classList.toggle("nobody", !person);
  byId("person-title").textContent = titleOf(person, picture);
  byId("state").textContent = draft ? "Draft, not saved" : stateOf(person);
  byId("state").classList.toggle("draft", draft);
  byId("discard").hidden = !draft;
  byId("save").firstChild.textContent = person ? "Save and go on " : "Next picture ";
  noteOnStage(error ?? (person ? "" : NOBODY));
}

function stateOf(person) {
  if (!person) return "";
  return person.done ? "Saved" : "Not labelled yet";
}

async function saveLabels(person, labels) {
  const name = `person ${desk.picture.people.indexOf(person) + 1} of ${desk.picture.path}`;
  let problem = null;
  const mine = startSaving(person.id, desk.annotator, {
    answer: answerOf(labels),
    before: sendBox,
    onWait: (error, seconds) => {
      tell(`Not saved yet: trying again in ${seconds} s.`, "alarm");
      if (error.status !== problem) showProblem(error, mine.retry);
      problem = error.status;
    },
  });
  saving = mine;
  tell("Saving");
  try {
    const { progress } = await mine.promise;
    Object.assign(person, { answer: answerOf(labels), done: true });
    if (!draftFor(person)) dropDraft(keyOf(person));
    clearProblem();
    showProgress(progress);
    tell(`\u2713 Saved: ${name}`, "good");
  } catch (error) {
    if (error.name === "AbortError") return false;
    if (error.status === undefined) throw error;
    tell("Not saved.", "alarm");
    showProblem(error, save);
    return false;
  } finally {
    if (saving === mine) saving = null;
  }
  showDesk();
  return true;
}

function stopSaving() {
  if (!saving) return;
  saving.stop();
  saving = null;
  clearProblem();
  tell("Not saved: it is kept as a draft.", "alarm");
}

async function goOn() {
  const person = nextPerson();
  if (person) {
    await goTo(person.id);
    return;
  }
  if (!nextPicture()) await refreshPictures(); // others may have drawn boxes meanwhile
  const picture = nextPicture();
  if (picture) await openPicture(picture.id);
  else {
    await leave();
    onDone();
  }
}

function wait(on) {
  clearTimeout(slow);
  noteOnStage("");
  if (on) slow = setTimeout(() => noteOnStage(OPENING), PATIENCE);
  byId("work").classList.toggle("waiting", on);
  byId("work").setAttribute("aria-busy", on);
  byId("labels").inert = on;
}
