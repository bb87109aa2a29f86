// Draws valence, arousal and dominance, each from 1 to 10.

import { bars, drawn, element } from "./page_elements.js";

const LEAST = 1;
const MOST = 10;
const MIDDLE = (LEAST + MOST) / 2;
const RADIUS = 84; // of the circle, in units of the drawing

/** Returns a circle with valence to the right and arousal upwards, and a bar of dominance. */
export function vadDial({ valence, arousal, dominance }) {
  const numbers = { valence, arousal, dominance };
  const words = Object.entries(numbers).map(([name, value]) => `${name} ${value.toFixed(1)}`);
  const rows = Object.entries(numbers).map(([name, value]) => ({
    name,
    share: (value - LEAST) / (MOST - LEAST),
    text: value.toFixed(1),
    className: "dimension",
  }));
  return element(
    "div",
    { class: "vad" },
    dial(valence, arousal, `${words[0]}, ${words[1]}, on scales of 1 to 10`),
    element(
      "div",
      { class: "vad-numbers" },
      bars(rows, "Valence, arousal and dominance"),
      element("p", { class: "quiet" }, "Each from 1 to 10, as annotators would rate it."),
    ),
  );
}

function dial(valence, arousal, label) {
  let x = ((valence - MIDDLE) / (MOST - MIDDLE)) * RADIUS;
  let y = ((MIDDLE - arousal) / (MOST - MIDDLE)) * RADIUS;
  const length = Math.hypot(x, y);
  if (length > RADIUS) {
    // The corners of the square of 1 to 10 lie outside the circle, and models may leave 1 to 10.
    x *= RADIUS / length;
    y *= RADIUS / length;
  }
  const texts = [
    [0, -RADIUS - 8, "middle", "active"],
    [0, RADIUS + 17, "middle", "calm"],
    [-RADIUS - 7, 4, "end", "unpleasant"],
    [RADIUS + 7, 4, "start", "pleasant"],
  ].map(([left, top, anchor, text]) =>
    drawn("text", { x: left, y: top, "text-anchor": anchor, "aria-hidden": "true" }, text),
  );
  return drawn(
    "svg",
    { class: "dial", viewBox: "-170 -112 340 224", role: "img", "aria-label": label },
    drawn("circle", { class: "rim", r: RADIUS }),
    drawn("circle", { class: "ring", r: RADIUS / 2 }),
    drawn("path", { class: "axes", d: `M${-RADIUS} 0H${RADIUS}M0 ${-RADIUS}V${RADIUS}` }),
    drawn("path", { class: "reach", d: `M0 0L${x.toFixed(2)} ${y.toFixed(2)}` }),
    drawn("circle", { class: "point", cx: x.toFixed(2), cy: y.toFixed(2), r: 7 }),
    ...texts,
  );
}
