// Figures for the steps of the three scales: one drawing each, bent by how far up the step is.

import { drawn } from "./page_elements.js";

const MIDDLE = 24; // of a drawing of 48 by 48
const SPIKES = 12;

/** Draws the figure of a dimension at a share of its scale, 0 to 1. */
export function manikin(dimension, share) {
  const parts = { valence, arousal, dominance }[dimension](share);
  return drawn(
    "svg",
    { class: "manikin", viewBox: "0 0 48 48", "aria-hidden": "true", focusable: "false" },
    ...parts,
  );
}

/** A face from a frown with heavy brows to a broad smile. */
function valence(share) {
  const lift = 2 * share - 1;
  const corner = 31.5 - 4 * lift;
  const worry = Math.max(-lift, 0);
  const inner = 13.5 - 2 * worry;
  const outer = 14.5 + 1.5 * worry;
  const arch = 12 - Math.max(lift, 0);
  return [
    circle(MIDDLE, MIDDLE, 19, "skin"),
    circle(17.5, 20.5, 2.1, "ink"),
    circle(30.5, 20.5, 2.1, "ink"),
    path(`M14 ${outer}Q17 ${arch} 20.5 ${inner}`, "line"),
    path(`M34 ${outer}Q31 ${arch} 27.5 ${inner}`, "line"),
    path(`M14.5 ${corner}Q${MIDDLE} ${31.5 + 11 * lift} 33.5 ${corner}`, "line"),
  ];
}

/** A head from asleep to wide awake, in a burst whose spikes grow. */
function arousal(share) {
  const points = Array.from({ length: 2 * SPIKES }, (_, index) => {
    const radius = index % 2 ? 13.5 : 13.5 + 9.5 * share;
    const angle = (Math.PI * index) / SPIKES - Math.PI / 2;
    const [x, y] = [Math.cos(angle), Math.sin(angle)].map((part) => MIDDLE + radius * part);
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  const asleep = share < 0.2;
  const eyes = [19, 29].map((x) =>
    asleep
      ? path(`M${x - 2.8} 22.5q2.8 2.6 5.6 0`, "line")
      : circle(x, 22, 0.9 + 1.9 * share, "ink"),
  );
  const mouth = 1 + 2.6 * share;
  return [
    drawn("path", { class: "glow", d: `M${points.join("L")}Z` }),
    circle(MIDDLE, MIDDLE, 12, "skin"),
    ...eyes,
    share < 0.4 ? path("M21 29.5h6", "line") : circle(MIDDLE, 29.5, mouth, "ink"),
  ];
}

/** A person between the walls of the same room, from tiny to filling it. */
function dominance(share) {
  const size = 0.3 + 0.7 * share;
  return [
    path("M4 45.5H44", "line faint"),
    drawn(
      "g",
      { transform: `translate(${MIDDLE} 45) scale(${size.toFixed(3)})` },
      drawn("path", { class: "skin", d: "M-14 0V-13Q-14 -24 0 -24Q14 -24 14 -13V0Z" }),
      circle(0, -33, 8.5, "skin"),
    ),
  ];
}

function circle(cx, cy, radius, name) {
  return drawn("circle", { class: name, cx, cy, r: radius.toFixed(2) });
}

function path(d, name) {
  return drawn("path", { class: name, d });
}
