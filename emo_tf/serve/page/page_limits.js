// What the server looks at and how large a picture it takes.

import { colourClass, element } from "./page_elements.js";
import { Refusal } from "./page_requests.js";

const ENVELOPE = 2048; // bytes of a request beside the picture
const QUALITY = 0.9;
const GROUP_EMOTIONS = ["negative", "neutral", "positive"];

/** Words what may be dropped on the page. */
export function wordLimits(limits) {
  const ways = "or paste one, choose a file, use the camera";
  if (!limits) return ways;
  const megapixels = Math.floor(limits.pixels / 1e6);
  return `${ways}: up to ${wordBytes(limits.bytes)} and ${megapixels} million pixels`;
}

/** Returns why a picture is too large for the server, or null. */
export function tooLarge(file, bitmap, limits) {
  if (!limits) return null;
  if (file.size + ENVELOPE > limits.bytes) {
    const most = wordBytes(limits.bytes);
    return new Refusal(413, `It has ${wordBytes(file.size)}; this server takes up to ${most}.`);
  }
  if (bitmap && bitmap.width * bitmap.height > limits.pixels) {
    const [has, most] = [bitmap.width * bitmap.height, limits.pixels].map((pixels) =>
      (pixels / 1e6).toFixed(1),
    );
    return new Refusal(413, `It has ${has} million pixels; this server takes up to ${most}.`);
  }
  return null;
}

/** Returns a copy as a JPEG file, so small that the server takes it if its limits are known. */
export async function jpegCopy(file, bitmap, limits) {
  const pixels = bitmap.width * bitmap.height;
  // A JPEG of this quality takes about half a byte a pixel, hardly ever two.
  const most = limits ? Math.min(limits.pixels, limits.bytes / 2) : pixels;
  const scale = Math.min(1, Math.sqrt(most / pixels));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.floor(bitmap.width * scale));
  canvas.height = Math.max(1, Math.floor(bitmap.height * scale));
  const context = canvas.getContext("2d");
  context.fillStyle = "white"; // under what is transparent, as the server does
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  const stem = file.name.replace(/\.[^.]*$/, "");
  return new File([blob], `${stem}_copy.jpg`, { type: "image/jpeg" });
}

/** Lists what the server says of a picture, from the body of `GET v1/models`. */
export function partsOfServer({ analysis, models = [] }) {
  const labels = models.find(({ name }) => name === analysis?.expression?.model)?.labels ?? [];
  return [
    part("Faces", legend("expression", labels), [analysis?.expression]),
    part(
      "People",
      analysis?.emotic
        ? element("p", {}, "26 categories; valence, arousal and dominance")
        : element("p", { class: "quiet" }, "Nothing: no model of people in scenes is served."),
      [analysis?.emotic],
    ),
    part(
      "Group",
      analysis?.group
        ? legend("group", GROUP_EMOTIONS)
        : element("p", { class: "quiet" }, "Nothing: no verdict on the picture is asked for."),
      analysis?.group ?? [],
    ),
  ];
}

function part(name, what, models) {
  const used = models.filter(Boolean).map(({ model, version }) => `${model}, version ${version}`);
  return element(
    "li",
    {},
    element("strong", {}, name),
    what,
    used.length ? element("p", { class: "quiet" }, `Model: ${used.join("; ")}`) : null,
  );
}

function legend(kind, labels) {
  const dots = labels.map((label) =>
    element("li", {}, element("span", { class: `dot ${colourClass(kind, label)}` }), label),
  );
  return element("ul", { class: "legend" }, ...dots);
}

function wordBytes(bytes) {
  const mebibytes = bytes / 2 ** 20;
  return mebibytes >= 1 ? `${Number(mebibytes.toFixed(1))} MB` : `${Math.ceil(bytes / 1024)} KB`;
}
