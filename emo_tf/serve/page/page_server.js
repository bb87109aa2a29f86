// Talks to the server that the page came from, and to nothing else.

/** An answer that is no result. `status` is 0 where none came. */
export class Refusal extends Error {
  constructor(status, message, retryAfter = null) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter; // seconds
  }
}

let token = null; // kept here alone, until the page is closed

/** Sets the token that requests carry from now on. */
export function useToken(text) {
  token = text;
}

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
  const { promise, abort } = send("POST", "v1/analyze", body, onProgress);
  return { promise: promise.then((text) => ({ text, result: read(text) })), abort };
}

// XMLHttpRequest, since fetch does not tell how much of a body has been sent.
function send(method, path, body = null, onProgress = null) {
  const request = new XMLHttpRequest();
  const promise = new Promise((resolve, reject) => {
    request.open(method, path);
    if (token) request.setRequestHeader("Authorization", `Bearer ${token}`);
    if (onProgress) {
      request.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
      request.upload.onload = () => onProgress(1);
    }
    request.onload = () => {
      if (request.status === 200) resolve(request.responseText);
      else reject(refusal(request));
    };
    request.onerror = () => reject(new Refusal(0, "No answer came from the server."));
    request.onabort = () => reject(new DOMException("stopped by the user", "AbortError"));
    request.send(body);
  });
  return { promise, abort: () => request.abort() };
}

function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(0, "What came back is no answer of such a server.");
  }
}

function refusal(request) {
  let message = "";
  try {
    message = JSON.parse(request.responseText).error;
  } catch {
    // Something between this page and the server may answer in another form.
  }
  const seconds = Number.parseInt(request.getResponseHeader("Retry-After"), 10);
  return new Refusal(
    request.status,
    typeof message === "string" ? message : "",
    Number.isFinite(seconds) ? Math.max(seconds, 1) : null,
  );
}
