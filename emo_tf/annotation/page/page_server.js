// What the page asks the server for.

import { read, send } from "./page_requests.js";

const PATIENCE = 15_000; // milliseconds until a save counts as not answered

/** Returns what is annotated, and with which words. */
export function askProject() {
  return ask("GET", "api/project");
}

/** Makes an annotator known; returns the name as it is stored. */
export async function signIn(name) {
  return (await ask("POST", "api/annotators", { name })).name;
}

/** Returns how many people and pictures are done. */
export function askProgress(annotator) {
  return ask("GET", `api/annotators/${encodeURIComponent(annotator)}/progress`);
}

/** Lists the pictures with how much of each is done. */
export function askPictures(annotator) {
  return ask("GET", `api/pictures?annotator=${encodeURIComponent(annotator)}`);
}

/** Returns a picture with its people; whoever opens it first waits until people are looked for. */
export function askPicture(id, annotator) {
  return ask("GET", `api/pictures/${id}?annotator=${encodeURIComponent(annotator)}`);
}

/** Returns the pixels of a picture as a Blob: an `img` would not carry the token. */
export function askImage(id) {
  return send("GET", `api/pictures/${id}/image`, { responseType: "blob" }).promise;
}

/** Adds a box; returns the person. */
export function addPerson(picture, annotator, box) {
  return ask("POST", `api/pictures/${picture}/people`, { annotator, box_xywh: box });
}

/** Moves a box; returns the person. */
export function moveBox(person, annotator, box) {
  return ask("PUT", `api/people/${person}/box`, { annotator, box_xywh: box });
}

/** Takes a box away. */
export function removePerson(person, annotator) {
  const query = `annotator=${encodeURIComponent(annotator)}`;
  return send("DELETE", `api/people/${person}?${query}`).promise;
}

/** Saves an answer. Returns `{promise, abort}`; the promise is kept only once it is on disk. */
export function saveAnswer(person, annotator, answer) {
  const body = JSON.stringify({ annotator, ...answer });
  const { promise, abort } = send("PUT", `api/people/${person}/answer`, {
    body,
    patience: PATIENCE,
  });
  return { promise: promise.then(read), abort };
}

/** Saves that a picture shows nobody who is to be labelled. */
export function saveNobody(picture, annotator) {
  return ask("PUT", `api/pictures/${picture}/nobody`, { annotator });
}

/** Returns how far annotators agree. */
export function askAgreement() {
  return ask("GET", "api/agreement");
}

async function ask(method, path, values = null) {
  const body = values === null ? null : JSON.stringify(values);
  return read(await send(method, path, { body }).promise);
}
