// Shows what went wrong, and what can be done about it.

import { byId, element } from "./page_elements.js";
import { tokenForm } from "./page_token.js";

const MOST_RETRIES = 3; // that start by themselves, one after the other
const TITLES = {
  0: "The server does not answer",
  400: "This picture could not be looked at",
  401: "This server asks for a token",
  408: "Sending took too long",
  413: "This picture is too large",
  415: "This picture could not be looked at",
  429: "The server is busy",
  503: "The server is not ready",
  cancelled: "Cancelled",
};
const ADVICE = {
  0: "It may have been stopped, or the network may be gone.",
  401: "Whoever runs the server has it. It is kept in the memory of this page alone.",
};

let countdown = null;
let retries = 0;
let tokenTried = false;

/**
 * Shows a refusal, or that the user `cancelled`. `again` asks once more; `otherwise`, if given, is
 * something else to do: `{text, start}`.
 */
export function showProblem({ status, message, retryAfter }, { again, otherwise = null }) {
  clearProblem();
  const shown = [element("h3", {}, TITLES[status] ?? `The server could not answer (${status})`)];
  if (message && status !== 401) shown.push(element("p", { id: "problem-text" }, message));
  if (ADVICE[status]) shown.push(element("p", { class: "quiet" }, ADVICE[status]));
  const actions = element("div", { class: "row" });
  if (status === 401) {
    if (tokenTried) shown.push(element("p", { id: "problem-text" }, "It did not accept this one."));
    shown.push(
      tokenForm(() => {
        tokenTried = true;
        again();
      }),
    );
  } else if (retryAfter) waitAndRetry(retryAfter, again, shown, actions);
  else if (!(status >= 400 && status < 500)) actions.append(retryButton(again));
  if (otherwise) {
    const button = element("button", { type: "button", class: "button main" }, otherwise.text);
    button.onclick = otherwise.start;
    actions.append(button);
  }
  if (actions.children.length) shown.push(actions);
  put(shown);
  if (tokenTried) byId("token")?.focus();
}

/** Says what went wrong in one sentence. */
export function showSentence(text) {
  clearProblem();
  put([element("h3", {}, text)]);
}

/** Takes the problem away, and stops what counts down. */
export function clearProblem() {
  clearInterval(countdown);
  byId("problem").hidden = true;
  byId("problem").replaceChildren();
}

/** Forgets what has been tried, once something has gone well or anew. */
export function forgetAttempts() {
  retries = 0;
  tokenTried = false;
}

function put(shown) {
  byId("problem").replaceChildren(...shown);
  byId("problem").hidden = false;
  byId("problem").scrollIntoView({ block: "nearest" });
}

function retryButton(again, text = "Try again") {
  const button = element("button", { type: "button", class: "button main" }, text);
  button.onclick = () => {
    forgetAttempts();
    again();
  };
  return button;
}

function waitAndRetry(seconds, again, shown, actions) {
  actions.append(retryButton(again, "Try now"));
  if (retries >= MOST_RETRIES) {
    shown.push(element("p", {}, `It asks to wait ${seconds} s.`));
    return;
  }
  retries += 1;
  const until = Date.now() + 1000 * seconds;
  // Hidden from screen readers, or each second would be read out.
  const left = element("span", { "aria-hidden": "true" }, `${seconds} s`);
  const unseen = element("span", { class: "unseen" }, `${seconds} seconds`);
  shown.push(element("p", { id: "countdown" }, "Trying again in ", left, unseen));
  countdown = setInterval(() => {
    const rest = Math.ceil((until - Date.now()) / 1000);
    left.textContent = `${Math.max(rest, 0)} s`;
    if (rest > 0) return;
    clearInterval(countdown);
    again();
  }, 250);
}
