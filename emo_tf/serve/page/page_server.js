// What the page asks the server for.

import { read, send } from "./page_requests.js";

/** Returns what the server looks at and its limits: the body of `GET v1/models`. */
export function askModels() {
  return send("GET", "v1/models").promise.then(read);
}

/**
 * Sends a picture. `onProgress` hears the share that is sent, 0 to 1.
 * Returns `{promise, abort}`; the promise gives `{text, result}`: the answer as it came, and read.
 */
export function analyze(file, onProgress) {
  const body = new FormData();
  body.append("image", file, file.name || "picture");
  const { promise, abort } = send("POST", "v1/analyze", { body, onProgress });
  return { promise: promise.then((text) => ({ text, result: read(text) })), abort };
}
