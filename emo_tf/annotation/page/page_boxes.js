// The boxes of people over the picture: drawn, selected, adjusted.

import { byId, element } from "./page_elements.js";
import { boxBetween, moved, resized } from "./page_geometry.js";

const COLOURS = 6;
const HANDLES = ["nw", "n", "ne", "e", "se", "s", "sw", "w"];
const DRAG = 4; // pixels of the screen from which on a press is a drag
const LEAST = 8; // pixels of the screen that a drawn box has to have each way
const ARROWS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

let shown = null; // {size, people, selected}
let drag = null; // what a pressed pointer does
let armed = false; // whether a finger draws
let heard = null; // {onSelect, onDrawn, onAdjusted}

/** Listens to pointers and keys over the picture. */
export function listenToBoxes(listeners) {
  heard = listeners;
  const frame = byId("frame");
  // A pointer takes no focus: arrow keys would move the box that was clicked.
  frame.addEventListener("mousedown", (event) => event.preventDefault());
  frame.addEventListener("pointerdown", press);
  frame.addEventListener("pointermove", pull);
  frame.addEventListener("pointerup", release);
  frame.addEventListener("pointercancel", cancelDrag);
  frame.addEventListener("click", ({ target }) => {
    const made = target.closest(".box");
    if (made && made.dataset.id !== String(shown?.selected)) {
      heard.onSelect(Number(made.dataset.id));
    }
  });
  byId("boxes").addEventListener("keydown", nudge);
}

/** Shows the boxes of people; `selected` is the id of one, or null. */
export function showBoxes(size, people, selected) {
  const focused = document.activeElement?.closest?.("#boxes") !== null;
  shown = { size, people, selected };
  const made = people.map((person, index) => box(person, index));
  // Small ones above large ones, or they could not be clicked.
  made.sort((one, other) => area(other) - area(one));
  byId("boxes").replaceChildren(...made);
  if (focused) focusBox();
}

/** Puts the focus on the selected box. */
export function focusBox() {
  byId("boxes").querySelector(".selected")?.focus();
}

/** Says whether the next drag draws a box wherever it begins, a finger's too. */
export function armDrawing(on) {
  armed = on;
  byId("frame").classList.toggle("armed", on);
  byId("draw").setAttribute("aria-pressed", on);
}

/** Stops a drag or gets ready for none; returns whether there was one. */
export function cancelDrag() {
  const was = drag !== null || armed;
  if (drag?.made) {
    if (drag.handle === "new") drag.made.remove();
    else place(drag.made, drag.from);
  }
  drag = null;
  armDrawing(false);
  return was;
}

function box({ id, box_xywh, locked, done }, index) {
  const selected = id === shown.selected;
  const state = done ? ", answered" : "";
  const adjustable = selected && !locked;
  const how = locked ? "labelled by others, it stays" : "arrow keys move it, with Shift size it";
  // No button element: in some browsers what lies in one hears no pointer.
  const made = element(
    "div",
    {
      role: "button",
      class: `box person-${index % COLOURS}`,
      "data-id": id,
      "aria-label": `Box of person ${index + 1}${state}${selected ? `; ${how}` : ""}`,
      tabindex: selected ? 0 : -1,
    },
    element("span", { class: "tag", "data-handle": adjustable ? "move" : null }, index + 1),
    ...(adjustable
      ? HANDLES.map((name) => element("span", { class: `handle ${name}`, "data-handle": name }))
      : []),
  );
  made.classList.toggle("selected", selected);
  made.classList.toggle("locked", locked);
  place(made, box_xywh);
  return made;
}

function place(made, [x, y, width, height]) {
  const { size } = shown;
  made.style.left = `${(100 * x) / size.width}%`;
  made.style.top = `${(100 * y) / size.height}%`;
  made.style.width = `${(100 * width) / size.width}%`;
  made.style.height = `${(100 * height) / size.height}%`;
  made.dataset.area = width * height;
  made.classList.toggle("at-top", (y / size.height) * byId("frame").clientHeight < 30);
}

function area(made) {
  return Number(made.dataset.area);
}

function press(event) {
  if (event.button !== 0 || !shown || drag) return;
  const handle = armed ? null : event.target.closest("[data-handle]");
  // A finger that is not told to draw pans the picture.
  if (!handle && event.pointerType === "touch" && !armed) return;
  const person = handle && shown.people.find(({ id }) => id === shown.selected);
  drag = {
    handle: handle ? handle.dataset.handle : "new",
    from: person ? person.box_xywh : null,
    person,
    start: position(event),
    pressed: [event.clientX, event.clientY],
    made: null,
    box: null,
  };
  if (handle) event.preventDefault();
}

function pull(event) {
  if (!drag) return;
  const travelled = Math.hypot(event.clientX - drag.pressed[0], event.clientY - drag.pressed[1]);
  if (!drag.made) {
    if (travelled < DRAG) return;
    begin(event.pointerId);
  }
  const here = position(event);
  const by = [here[0] - drag.start[0], here[1] - drag.start[1]];
  const { size } = shown;
  if (drag.handle === "new") drag.box = boxBetween(drag.start, here, size);
  else if (drag.handle === "move") drag.box = moved(drag.from, by, size);
  else drag.box = resized(drag.from, drag.handle, by, { size, least: LEAST * scale() });
  place(drag.made, drag.box);
}

function begin(pointer) {
  byId("frame").setPointerCapture(pointer);
  if (drag.handle === "new") {
    drag.made = element("div", { class: `box selected person-${shown.people.length % COLOURS}` });
    byId("boxes").append(drag.made);
  } else drag.made = byId("boxes").querySelector(".selected");
}

function release() {
  if (!drag) return;
  const { handle, person, made, box: drawn } = drag;
  if (!made) {
    drag = null;
    return;
  }
  const least = LEAST * scale();
  if (handle === "new" && (drawn[2] < least || drawn[3] < least)) {
    cancelDrag();
    return;
  }
  drag = null;
  if (handle === "new") {
    armDrawing(false);
    heard.onDrawn(drawn);
  } else heard.onAdjusted(person, drawn, { finished: true });
}

function nudge(event) {
  const arrow = ARROWS[event.key];
  if (!arrow || event.ctrlKey || event.altKey || event.metaKey) return;
  const person = shown.people.find(({ id }) => id === shown.selected);
  if (!person || !event.target.matches(".selected")) return;
  event.preventDefault();
  event.stopPropagation();
  if (person.locked) return;
  const { size } = shown;
  const step = Math.max(1, Math.round(Math.max(size.width, size.height) / 200));
  const by = arrow.map((direction) => direction * step);
  const box = event.shiftKey
    ? resized(person.box_xywh, "se", by, { size, least: step })
    : moved(person.box_xywh, by, size);
  place(event.target, box);
  heard.onAdjusted(person, box, { finished: false });
}

/** Returns where a pointer is, in pixels of the picture. */
function position({ clientX, clientY }) {
  const frame = byId("boxes").getBoundingClientRect();
  return [(clientX - frame.left) * scale(), (clientY - frame.top) * scale()];
}

/** Returns how many pixels of the picture one of the screen is. */
function scale() {
  return shown.size.width / byId("boxes").getBoundingClientRect().width;
}
