// Makes elements. Text only ever becomes text: nothing that a server says is read as HTML.

const SVG = "http://www.w3.org/2000/svg";

/** Returns the element of the page with that id. */
export function byId(id) {
  return document.getElementById(id);
}

/** Makes an element: attributes that are null or false are left out, children may be strings. */
export function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** Makes an element of an SVG drawing. */
export function drawn(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

/** Returns a class name that gives a label its colour, whatever is in the label. */
export function colourClass(kind, label) {
  return `${kind}-${String(label).toLowerCase().replace(/[^a-z]+/g, "-")}`;
}

/** Words a share of 0 to 1. */
export function percent(share) {
  return `${Math.round(100 * share)}\u00a0%`;
}

/** Words a number of things: `1 face`, `2 faces`. */
export function counted(number, one, many) {
  return `${number} ${number === 1 ? one : many}`;
}

/** Makes a list of bars: rows of `{name, share, text, className, threshold, strong}`. */
export function bars(rows, label) {
  const items = rows.map(({ name, share, text, className = "", threshold = null, strong }) => {
    const fill = element("span", { class: `fill ${className}` });
    fill.style.width = `${100 * Math.min(Math.max(share, 0), 1)}%`;
    const track = element("span", { class: "track", "aria-hidden": "true" }, fill);
    if (threshold !== null) {
      const mark = element("span", { class: "threshold" });
      mark.style.left = `${100 * Math.min(Math.max(threshold, 0), 1)}%`;
      track.append(mark);
    }
    return element(
      "li",
      { class: strong ? "strong" : null },
      element("span", { class: "name" }, name),
      " ",
      track,
      element("span", { class: "value" }, text ?? percent(share)),
    );
  });
  return element("ul", { class: "bars", "aria-label": label }, ...items);
}

function filled(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) {
      made.setAttribute(name, value);
    }
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}
