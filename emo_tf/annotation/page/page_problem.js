// Shows what went wrong, and what can be done about it.

import { byId, element } from "./page_elements.js";
import { tokenForm } from "./page_token.js";

const TITLES = {
  0: "The server does not answer",
  400: "The server did not take this",
  401: "This server asks for a token",
  403: "The server turned this page away",
  404: "The server does not know this any more",
  409: "Somebody else has labelled this person",
  507: "The answers file cannot be written",
};
const ADVICE = {
  0: "It may have been stopped: start it again with the command that started it.",
  401: "Whoever runs the server has it. It is kept in the memory of this page alone.",
  404: "Another annotator may have deleted the box, or another folder may be served now.",
  409: "Its box stays as it is, so that all answers are about the same person.",
  507: "Is the disk full, or the file write-protected? Answers saved before are safe.",
};

let tokenTried = false;

/** Shows a refusal. `again`, if given, tries once more. */
export function showProblem({ status, message }, again = null) {
  const shown = [element("h2", {}, TITLES[status] ?? `The server failed (${status})`)];
  if (message && status !== 0 && status !== 401) shown.push(element("p", {}, message));
  if (ADVICE[status]) shown.push(element("p", { class: "quiet" }, ADVICE[status]));
  if (status === 401) {
    if (tokenTried) shown.push(element("p", {}, "It did not accept this one."));
    shown.push(
      tokenForm(() => {
        tokenTried = true;
        again();
      }),
    );
  } else if (again) {
    const button = element("button", { type: "button", class: "button main" }, "Try again");
    button.onclick = again;
    shown.push(button);
  }
  byId("problem").replaceChildren(...shown);
  byId("problem").hidden = false;
  if (status === 401) byId("token").focus();
  else byId("problem").scrollIntoView({ block: "nearest" });
}

/** Takes the problem away. */
export function clearProblem() {
  byId("problem").hidden = true;
  byId("problem").replaceChildren();
}

/** Does something that asks the server; if that fails, offers to do it again. */
export async function attempt(action) {
  clearProblem();
  try {
    await action();
    tokenTried = false;
  } catch (error) {
    if (error.status === undefined) throw error;
    showProblem(error, () => attempt(action));
  }
}
