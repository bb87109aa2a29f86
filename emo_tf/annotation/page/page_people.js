// The boxes of the people at hand, on the page and on the server.

import { showBoxes } from "./page_boxes.js";
import { currentPerson, desk } from "./page_desk.js";
import { byId } from "./page_elements.js";
import { attempt, showProblem } from "./page_problem.js";
import { moveBox } from "./page_server.js";

const PAUSE = 500; // milliseconds after the last key until a box is sent
const HINT = "Drag over the picture to draw a box; drag handles or the number to adjust one.";
const FINGER_HINT = "Press Draw a box, then drag; drag handles or the number to adjust one.";
const LOCKED = "Others have labelled this person: the box stays as it is.";

let unsent = null; // {person, box}: adjusted on the page alone
let timer = null;

/** Shows the boxes of the picture at hand. */
export function showPeopleBoxes() {
  const { picture, selected } = desk;
  showBoxes(picture, picture.people, selected);
  const person = currentPerson();
  const readable = picture.error === null;
  const hint = window.matchMedia("(pointer: coarse)").matches ? FINGER_HINT : HINT;
  byId("box-note").textContent = person?.locked ? LOCKED : readable ? hint : "";
  byId("delete-box").disabled = !person || person.locked;
  byId("draw").disabled = !readable;
  byId("new-box").disabled = !readable;
}

/**
 * Keeps an adjusted box, and sends it when it is finished or a moment has passed. `onRefused` is
 * called where the server will not have it.
 */
export function adjustBox(person, box, { finished, onRefused }) {
  person.box_xywh = box;
  unsent = { person, box };
  clearTimeout(timer);
  if (finished) showPeopleBoxes();
  timer = setTimeout(() => send(onRefused), finished ? 0 : PAUSE);
}

/** Sends the box that has been adjusted, if one has. */
export async function sendBox() {
  clearTimeout(timer);
  if (!unsent) return;
  const { person, box } = unsent;
  unsent = null;
  try {
    const { box_xywh } = await moveBox(person.id, desk.annotator, box);
    if (!unsent) person.box_xywh = box_xywh;
  } catch (error) {
    if (!isRefused(error)) unsent ??= { person, box };
    throw error;
  }
}

/** Forgets a box that has been adjusted. */
export function forgetBox() {
  clearTimeout(timer);
  unsent = null;
}

async function send(onRefused) {
  try {
    await sendBox();
  } catch (error) {
    if (error.status === undefined) throw error;
    if (isRefused(error)) await onRefused();
    showProblem(error, isRefused(error) ? null : () => attempt(sendBox));
  }
}

/** Says whether another attempt would end the same way. */
function isRefused({ status }) {
  return [400, 404, 409].includes(status);
}
