// The page: who labels, what is shown, and what keys and buttons do.

import { agreementView } from "./page_agreement.js";
import { armDrawing, cancelDrag, focusBox, listenToBoxes } from "./page_boxes.js";
import { currentPerson, desk, refreshPictures } from "./page_desk.js";
import { choiceOf, keepChoice } from "./page_drafts.js";
import { byId, element } from "./page_elements.js";
import { buildForm, pressCapital, rate, rateAgain, toggleCategory } from "./page_form.js";
import { keyTable, listenToKeys } from "./page_keys.js";
import { listPictures } from "./page_overview.js";
import { adjustBox } from "./page_people.js";
import { attempt } from "./page_problem.js";
import { askAgreement, askProject, signIn } from "./page_server.js";
import { listenToZoom, zoomBy } from "./page_stage.js";
import {
  addBox,
  begin,
  deleteBox,
  discardDraft,
  goTo,
  isUnsaved,
  keepLabels,
  leave,
  openPicture,
  save,
  stepPerson,
  stepPicture,
} from "./page_work.js";

const VIEWS = ["start", "work", "done", "agreement"];
const NAME = "annotator";

let project = null; // what is annotated, with which words

function show(view) {
  for (const name of VIEWS) byId(name).hidden = name !== view;
  byId("views").hidden = view === "start";
  byId("open-agreement").setAttribute("aria-pressed", view === "agreement");
  if (view === "start") byId("advance").hidden = true;
}

function isAtWork() {
  return !byId("work").hidden && !byId("labels").inert && desk.picture !== null;
}

function say(text) {
  if (text) byId("status").textContent = text;
}

async function open() {
  project = await askProject();
  byId("title").textContent = `Annotating ${project.folder}`;
  document.title = byId("title").textContent;
  buildForm(project, keepLabels);
  const name = choiceOf(NAME);
  if (name) await enter(name);
  else showStart();
}

async function enter(name) {
  const annotator = await signIn(name);
  keepChoice(NAME, annotator);
  byId("switch-annotator").textContent = annotator;
  byId("switch-annotator").setAttribute("aria-label", `Annotator ${annotator}: switch`);
  show("work");
  await begin(project, annotator, showDone);
}

function showStart() {
  show("start");
  const known = project.annotators.map((name) => {
    const button = element("button", { type: "button", class: "button" }, name);
    button.onclick = () => attempt(() => enter(name));
    return button;
  });
  byId("known").replaceChildren(...known);
  byId("name-label").textContent = known.length ? "or another name" : "Your name";
  byId("name").focus();
}

async function switchAnnotator() {
  await leave();
  keepChoice(NAME, "");
  desk.picture = null;
  history.replaceState(null, "", location.pathname);
  project = await askProject();
  byId("name").value = "";
  showStart();
}

function showDone() {
  show("done");
  byId("done-text").textContent =
    `${desk.annotator}, you have labelled everybody in ${project.folder}. Every answer is in the ` +
    "answers file.";
  byId("commands").textContent = [
    "emo-tf annotate --agreement --out FILE          # how far annotators agree",
    "emo-tf annotate DIR --export FOLDER --out FILE  # the layout of EMOTIC, to train from",
  ].join("\n");
  byId("done-title").focus();
}

async function showAgreement() {
  await leave();
  show("agreement");
  byId("figures").replaceChildren(element("p", { class: "quiet" }, "Computing"));
  byId("agreement-title").focus();
  try {
    byId("figures").replaceChildren(...agreementView(await askAgreement()));
  } catch (error) {
    // Too few answers are no failure.
    const few = error.status === 400;
    byId("figures").replaceChildren(element("p", {}, few ? error.message : "Not known."));
    if (!few) throw error;
  }
}

async function backToWork() {
  show("work");
  if (desk.picture) await openPicture(desk.picture.id, desk.selected);
  else await begin(project, desk.annotator, showDone);
}

async function showPictures() {
  await refreshPictures();
  fillList();
  if (!byId("pictures-dialog").open) byId("pictures-dialog").showModal();
  byId("picture-list").querySelector("[aria-current]")?.focus();
}

function fillList() {
  const onChoose = (id) => {
    byId("pictures-dialog").close();
    show("work");
    attempt(() => openPicture(id));
  };
  listPictures(desk.pictures, desk.picture?.id, { onChoose });
}

function focusTitle() {
  byId("person-title").focus({ preventScroll: true });
}

function back() {
  if (!byId("agreement").hidden) attempt(backToWork);
  else if (isAtWork() && !cancelDrag()) focusTitle();
}

function useKeys() {
  listenToKeys({
    isAtWork,
    category: (index) => currentPerson() && say(toggleCategory(index)),
    rate: (value) => currentPerson() && say(rate(value)),
    again: () => say(rateAgain()),
    capital: (letter) => {
      if (letter === "B") attempt(addBox);
      else if (letter === "E") focusBox();
      else if (currentPerson()) say(pressCapital(letter));
    },
    zoom: zoomBy,
    keys: () => byId("keys-dialog").showModal(),
    save,
    person: (step) => attempt(() => stepPerson(step)),
    picture: (step) => attempt(() => stepPicture(step)),
    remove: () => attempt(deleteBox),
    back,
  });
}

function useButtons() {
  const does = {
    "previous-picture": () => stepPicture(-1),
    "next-picture": () => stepPicture(1),
    "new-box": () => addBox(),
    "delete-box": deleteBox,
    "open-pictures": showPictures,
    "open-agreement": () => (byId("agreement").hidden ? showAgreement() : backToWork()),
    "close-agreement": backToWork,
    "switch-annotator": switchAnnotator,
    "look-again": showPictures,
  };
  for (const [id, action] of Object.entries(does)) byId(id).onclick = () => attempt(action);
  byId("draw").onclick = () => armDrawing(byId("draw").getAttribute("aria-pressed") !== "true");
  byId("discard").onclick = discardDraft;
  byId("unfinished").onchange = fillList;
  byId("open-keys").onclick = () => byId("keys-dialog").showModal();
  for (const button of document.querySelectorAll("dialog .closes")) {
    button.onclick = () => button.closest("dialog").close();
  }
  byId("work").addEventListener("click", ({ detail, target }) => {
    // What the pointer has pressed is not what Enter should press again.
    if (detail > 0 && target.closest("button")) focusTitle();
  });
  byId("labels").onsubmit = (event) => {
    event.preventDefault();
    if (isAtWork()) save();
  };
  byId("sign-in").onsubmit = (event) => {
    event.preventDefault();
    attempt(() => enter(byId("name").value));
  };
  window.addEventListener("beforeunload", (event) => {
    if (isUnsaved()) event.preventDefault();
  });
}

byId("start-keys").append(keyTable());
byId("keys-dialog").append(keyTable());
listenToBoxes({
  onSelect: (id) => attempt(() => goTo(id)),
  onDrawn: (box) => attempt(() => addBox(box)),
  onAdjusted: (person, box, { finished }) =>
    adjustBox(person, box, {
      finished,
      onRefused: () => attempt(() => openPicture(desk.picture.id, person.id)),
    }),
});
listenToZoom();
useKeys();
useButtons();
attempt(open);
