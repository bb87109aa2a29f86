// Shows the picture on the canvas, and the boxes of faces and people over it.

import { byId, colourClass, counted, element, percent } from "./page_elements.js";

const LONGEST_SIDE = 1800; // of the canvas, in pixels: phones run out of memory beyond
const PEOPLE_COLOURS = 6;
const CROWD = 12; // boxes, from which on their tags are small
const LEAST_ROOM = 12; // pixels above a box, below which its tag lies in it

/** Returns the upright picture of a file, or null where the browser cannot show its format. */
export async function decode(file) {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return null;
  }
}

/** Draws a bitmap, or an empty sheet of `width` by `height` with a note that says why. */
export function showPicture(bitmap, { width, height, note = null }) {
  const scale = Math.min(1, LONGEST_SIDE / Math.max(width, height));
  const canvas = byId("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  if (bitmap) {
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  }
  canvas.classList.toggle("sheet", !bitmap);
  canvas.setAttribute("aria-label", "The picture");
  const frame = byId("frame").style;
  frame.setProperty("--ratio", width / height);
  frame.setProperty("--natural", `${width}px`);
  byId("sheet-note").textContent = note ?? "";
  byId("sheet-note").hidden = !note;
  byId("boxes").replaceChildren();
}

/** Draws the picture again under its result: the result's size is what boxes are measured in. */
export function showBoxes(bitmap, result, onSelect) {
  const fits = bitmap && bitmap.width === result.width && bitmap.height === result.height;
  const note = fits
    ? null
    : "This browser cannot show pictures of this kind: here are the boxes alone.";
  showPicture(fits ? bitmap : null, { width: result.width, height: result.height, note });
  byId("canvas").setAttribute(
    "aria-label",
    `The picture, with ${counted(result.faces.length, "face", "faces")} and ` +
      counted(result.people.length, "person", "people"),
  );
  const found = [
    ...result.people.map((person, index) => ({ kind: "person", index, box: person.box_xywh })),
    ...result.faces.map((face, index) => ({ kind: "face", index, box: face.box_xywh, face })),
  ];
  // Small ones above large ones, or they could not be clicked; faces above people.
  const area = ({ kind, box }) => box[2] * box[3] * (kind === "face" ? 1e-9 : 1);
  found.sort((one, other) => area(other) - area(one));
  byId("boxes").replaceChildren(...found.map((one) => box(one, result, onSelect)));
  byId("boxes").classList.toggle("crowd", found.length > CROWD);
}

/** Marks the one that is selected. */
export function markSelected(key) {
  for (const made of byId("boxes").children) {
    made.classList.toggle("selected", made.dataset.key === key);
  }
}

/** Returns the class that colours a person, who has one only to tell boxes apart. */
export function personClass(index) {
  return `person-${index % PEOPLE_COLOURS}`;
}

/** Returns the class that colours a face: that of its expression. */
export function faceClass(face) {
  return face.expression ? colourClass("expression", face.expression.label) : "";
}

function box({ kind, index, box: [x, y, width, height], face }, result, onSelect) {
  const colour = kind === "face" ? faceClass(face) : personClass(index);
  const words = [kind === "face" ? `${index + 1}` : `P${index + 1}`];
  if (face?.expression) {
    const { label, probabilities } = face.expression;
    words.push(
      element("span", { class: "word" }, ` ${label}`),
      element("span", { class: "share" }, ` ${percent(probabilities[label])}`),
    );
  }
  const made = element(
    "div",
    { class: `box ${kind} ${colour}`, "data-key": `${kind}-${index}` },
    element("span", { class: "tag" }, ...words),
  );
  const left = Math.max(x, 0);
  const top = Math.max(y, 0);
  const right = Math.min(x + width, result.width);
  const bottom = Math.min(y + height, result.height);
  made.style.left = `${(100 * left) / result.width}%`;
  made.style.top = `${(100 * top) / result.height}%`;
  made.style.width = `${(100 * Math.max(right - left, 0)) / result.width}%`;
  made.style.height = `${(100 * Math.max(bottom - top, 0)) / result.height}%`;
  const room = (top / result.height) * byId("frame").clientHeight;
  made.classList.toggle("at-top", room < LEAST_ROOM);
  made.classList.toggle("at-right", left > 0.75 * result.width);
  made.addEventListener("click", () => onSelect(`${kind}-${index}`));
  return made;
}
