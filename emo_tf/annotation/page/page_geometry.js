// Boxes `[x, y, width, height]` in pixels of the picture, kept inside it.

/** Returns the box between two corners, inside the picture. */
export function boxBetween([x, y], [otherX, otherY], size) {
  const left = between(Math.min(x, otherX), 0, size.width);
  const top = between(Math.min(y, otherY), 0, size.height);
  const right = between(Math.max(x, otherX), 0, size.width);
  const bottom = between(Math.max(y, otherY), 0, size.height);
  return [left, top, right - left, bottom - top].map(rounded);
}

/** Returns the box moved by so much, at most to the edges of the picture. */
export function moved([x, y, width, height], [right, down], size) {
  return [
    between(x + right, 0, Math.max(size.width - width, 0)),
    between(y + down, 0, Math.max(size.height - height, 0)),
    width,
    height,
  ].map(rounded);
}

/** Returns the box with the sides that `handle` names (of n, e, s, w) moved by so much. */
export function resized([x, y, width, height], handle, [right, down], { size, least }) {
  let [left, top, far, low] = [x, y, x + width, y + height];
  if (handle.includes("w")) left = between(left + right, 0, Math.max(far - least, 0));
  if (handle.includes("e")) far = between(far + right, left + least, size.width);
  if (handle.includes("n")) top = between(top + down, 0, Math.max(low - least, 0));
  if (handle.includes("s")) low = between(low + down, top + least, size.height);
  return [left, top, far - left, low - top].map(rounded);
}

/** Returns a box in the middle, half as high as the picture. */
export function middleBox({ width, height }) {
  return [0.35 * width, 0.25 * height, 0.3 * width, 0.5 * height].map(rounded);
}

/** Returns a number, or the nearer of the limits that it lies beyond. */
export function between(value, least, most) {
  return Math.min(Math.max(value, least), Math.max(most, least));
}

function rounded(value) {
  return Math.round(100 * value) / 100;
}
