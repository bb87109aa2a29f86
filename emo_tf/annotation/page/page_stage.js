// The picture: shown, zoomed, panned.

import { byId } from "./page_elements.js";
import { between } from "./page_geometry.js";

const MOST = 8; // times its fitting size
const STEP = 1.4;

let zoom = 1;
let address = null; // of the pixels that are shown

/** Listens to what zooms the picture. */
export function listenToZoom() {
  byId("zoom-in").onclick = () => zoomBy(1);
  byId("zoom-out").onclick = () => zoomBy(-1);
  byId("zoom-fit").onclick = () => zoomBy(0);
  byId("viewport").addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      zoomBy(event.deltaY < 0 ? 1 : -1, [event.clientX, event.clientY]);
    },
    { passive: false },
  );
}

/** Shows the pixels of a picture, once they are decoded, or none while `blob` is null. */
export async function showImage(blob, { width, height, path }) {
  if (address) URL.revokeObjectURL(address);
  address = blob && URL.createObjectURL(blob);
  const image = byId("image");
  byId("viewport").hidden = !blob;
  if (!blob) {
    image.removeAttribute("src");
    return;
  }
  image.src = address;
  image.alt = `The picture ${path}`;
  const frame = byId("frame").style;
  frame.setProperty("--ratio", width / height);
  frame.setProperty("--natural", `${width}px`);
  zoomBy(0);
  await image.decode().catch(() => {}); // said by the alternative text
}

/** Shows what is to be known of the picture instead of it, or with it. */
export function noteOnStage(text) {
  byId("stage-note").textContent = text;
  byId("stage-note").hidden = !text;
}

/** Zooms in (1), out (-1) or to fit (0), about a point of the window or the middle. */
export function zoomBy(direction, point = null) {
  const viewport = byId("viewport");
  const edges = viewport.getBoundingClientRect();
  const [x, y] = point
    ? [point[0] - edges.left, point[1] - edges.top]
    : [viewport.clientWidth / 2, viewport.clientHeight / 2];
  const before = zoom;
  zoom = direction === 0 ? 1 : between(zoom * STEP ** direction, 1, MOST);
  // As it grows, the stage keeps its height, or the page would jump.
  viewport.style.height = zoom > 1 ? `${edges.height}px` : "";
  byId("frame").style.setProperty("--zoom", zoom);
  viewport.classList.toggle("zoomed", zoom > 1);
  const grown = zoom / before;
  viewport.scrollLeft = (viewport.scrollLeft + x) * grown - x;
  viewport.scrollTop = (viewport.scrollTop + y) * grown - y;
  byId("zoom-out").disabled = zoom === 1;
  byId("zoom-in").disabled = zoom === MOST;
}
