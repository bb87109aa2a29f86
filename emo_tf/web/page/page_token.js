// Asks for the token of a server.

import { element } from "./page_elements.js";
import { useToken } from "./page_requests.js";

/** Makes a form for the token; `onGiven` is called once requests carry it. */
export function tokenForm(onGiven) {
  const field = element("input", {
    type: "password",
    id: "token",
    class: "field",
    autocomplete: "off",
    spellcheck: "false",
    required: true,
  });
  const form = element(
    "form",
    {},
    element("label", { for: "token" }, "Token"),
    element("div", { class: "row" }, field, element("button", { class: "button main" }, "Use it")),
  );
  form.onsubmit = (event) => {
    event.preventDefault();
    useToken(field.value.trim());
    onGiven();
  };
  return form;
}
