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

/**
 * Sends a request. A body that is text is JSON; `onProgress` hears the share of it that is sent,
 * 0 to 1; `patience` is how many milliseconds an answer may take.
 * Returns `{promise, abort}`; the promise gives the answer as text, or as the type asked for.
 */
export function send(method, path, options = {}) {
  const { body = null, onProgress = null, patience = 0, responseType = "text" } = options;
  // XMLHttpRequest, since fetch does not tell how much of a body has been sent.
  const request = new XMLHttpRequest();
  const promise = new Promise((resolve, reject) => {
    request.open(method, path);
    request.responseType = responseType;
    request.timeout = patience;
    if (token) request.setRequestHeader("Authorization", `Bearer ${token}`);
    if (typeof body === "string") request.setRequestHeader("Content-Type", "application/json");
    if (onProgress) {
      request.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
      request.upload.onload = () => onProgress(1);
    }
    request.onload = async () => {
      if (request.status >= 200 && request.status < 300) resolve(request.response);
      else reject(await refusal(request));
    };
    request.onerror = () => reject(new Refusal(0, "No answer came from the server."));
    request.ontimeout = () => reject(new Refusal(0, "No answer came from the server in time."));
    request.onabort = () => reject(new DOMException("stopped by the user", "AbortError"));
    request.send(body);
  });
  return { promise, abort: () => request.abort() };
}

/** Reads an answer in JSON. */
export function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(0, "What came back is no answer of such a server.");
  }
}

async function refusal(request) {
  let message = "";
  try {
    const { response } = request;
    message = JSON.parse(response instanceof Blob ? await response.text() : response).error;
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
