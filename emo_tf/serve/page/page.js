// The page: takes a picture in, has the server look at it, shows the result.

import {
  cameraProblem,
  closeCamera,
  hasCamera,
  openCamera,
  switchCamera,
  takePicture,
} from "./page_camera.js";
import { byId, element } from "./page_elements.js";
import { jpegCopy, partsOfServer, tooLarge, wordLimits } from "./page_limits.js";
import { decode, markSelected, showBoxes, showPicture } from "./page_picture.js";
import { clearProblem, forgetAttempts, showProblem, showSentence } from "./page_problem.js";
import { Refusal } from "./page_requests.js";
import { inShort, oneInShort, showDetails, showResult } from "./page_result.js";
import { analyze, askModels } from "./page_server.js";

const UNREADABLE = "This browser cannot show pictures of this kind; the server may know it.";

let limits = null; // of the server, as it states them
let sending = null; // the request that is under way
let shown = null; // {text, name} of the result on the page
let picture = null; // what is decoded of it
let turn = 0; // counts the pictures taken in: what belongs to an older one is dropped

/** Shows one of the states of the stage: "empty", "camera" or "picture". */
function stage(state, { busy = false } = {}) {
  byId("empty").hidden = state !== "empty";
  byId("camera").hidden = state !== "camera";
  byId("view").hidden = state !== "picture";
  byId("tools").hidden = state === "camera";
  byId("busy").hidden = !busy;
  byId("view").classList.toggle("waiting", busy);
  byId("open-camera").hidden = !hasCamera();
}

function say(text) {
  byId("status").textContent = text;
}

function forgetResult() {
  shown = null;
  byId("answer").hidden = true;
  byId("download").hidden = true;
}

async function take(file) {
  const mine = ++turn;
  sending?.abort();
  closeCamera();
  clearProblem();
  forgetResult();
  forgetAttempts();
  const bitmap = await decode(file);
  if (mine !== turn) {
    bitmap?.close();
    return;
  }
  picture?.close(); // at once: a large one takes 100 MB
  picture = bitmap;
  if (bitmap) showPicture(bitmap, bitmap);
  else showPicture(null, { width: 4, height: 3, note: UNREADABLE });
  const refusal = tooLarge(file, bitmap, limits);
  if (refusal) fail(refusal, file, bitmap);
  else await send(file, bitmap);
}

async function send(file, bitmap) {
  const mine = turn;
  clearProblem();
  stage("picture", { busy: true });
  progress(0);
  try {
    sending = analyze(file, progress);
    const { text, result } = await sending.promise;
    if (mine !== turn) return;
    forgetAttempts();
    show(text, result, bitmap, file.name);
  } catch (error) {
    if (mine !== turn) return;
    if (error.name === "AbortError") {
      fail(new Refusal("cancelled", ""), file, bitmap);
    } else if (error.status === undefined) throw error;
    else fail(error, file, bitmap);
  }
}

function progress(share) {
  const sent = share >= 1;
  byId("busy-text").textContent = sent ? "Looking at it" : "Sending";
  if (sent) byId("progress").removeAttribute("value");
  else byId("progress").value = share;
}

function fail(refusal, file, bitmap) {
  stage(bitmap ? "picture" : "empty");
  const again = () => send(file, bitmap);
  showProblem(refusal, { again, otherwise: copyInstead(refusal, file, bitmap) });
}

/** Returns what else may be sent, with its wording: what the browser can show, it can convert. */
function copyInstead({ status }, file, bitmap) {
  if (!bitmap) return null;
  const start = async () => take(await jpegCopy(file, bitmap, limits));
  if (status === 413 && limits) return { text: "Send a smaller copy", start };
  // Phones keep photos as HEIC, which servers seldom read.
  if (status === 400 && file.type !== "image/jpeg") return { text: "Send it as JPEG", start };
  return null;
}

function show(text, result, bitmap, name) {
  stage("picture");
  shown = { text, name };
  const select = (key) => {
    showDetails(found[key], result);
    markSelected(key);
    say(oneInShort(found[key]));
  };
  showBoxes(bitmap, result, select);
  const found = showResult(result, select);
  const first = Object.keys(found)[0];
  if (first) select(first);
  byId("answer").hidden = false;
  byId("download").hidden = false;
  byId("verdict").scrollIntoView({ block: "nearest" });
  say(inShort(result));
  if (!limits) askServer(); // which did not answer before
}

function download() {
  const address = URL.createObjectURL(new Blob([shown.text], { type: "application/json" }));
  const stem = (shown.name || "picture").replace(/\.[^.]*$/, "");
  element("a", { href: address, download: `${stem}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

async function askServer() {
  try {
    const told = await askModels();
    limits = told.limits ?? null;
    byId("limits").textContent = wordLimits(limits);
    byId("parts").replaceChildren(...partsOfServer(told));
    clearProblem();
    forgetAttempts();
  } catch (error) {
    if (error.status === undefined) throw error;
    byId("parts").replaceChildren(element("li", { class: "quiet" }, "The server did not say."));
    showProblem(error, { again: askServer });
  }
}

async function startCamera(open) {
  turn += 1;
  sending?.abort();
  clearProblem();
  forgetResult();
  byId("take").disabled = true;
  stage("camera");
  try {
    await open();
    byId("take").disabled = false;
    byId("take").focus();
  } catch (error) {
    closeCamera();
    stage("empty");
    showSentence(cameraProblem(error));
  }
}

function takeInFiles() {
  byId("file").addEventListener("change", ({ target }) => {
    if (target.files.length) take(target.files[0]);
    target.value = ""; // so that the same file can be chosen again
  });
  document.addEventListener("paste", ({ clipboardData }) => {
    if (clipboardData?.files.length) take(clipboardData.files[0]);
  });
  const carriesFile = ({ dataTransfer }) => dataTransfer?.types.includes("Files");
  const sign = byId("drop-sign");
  document.addEventListener("dragover", (event) => {
    if (!carriesFile(event)) return;
    event.preventDefault();
    sign.hidden = false;
  });
  document.addEventListener("dragleave", ({ relatedTarget }) => {
    if (!relatedTarget) sign.hidden = true;
  });
  document.addEventListener("drop", (event) => {
    sign.hidden = true;
    if (!carriesFile(event)) return;
    event.preventDefault();
    if (event.dataTransfer.files.length) take(event.dataTransfer.files[0]);
  });
}

function useButtons() {
  byId("open-camera").onclick = () => startCamera(openCamera);
  byId("switch").onclick = () => startCamera(switchCamera);
  byId("take").onclick = async () => take(await takePicture());
  byId("close-camera").onclick = () => {
    closeCamera();
    stage("empty");
    byId("open-camera").focus();
  };
  byId("abort").onclick = () => sending?.abort();
  byId("download").onclick = download;
  window.addEventListener("pagehide", closeCamera);
}

stage("empty");
takeInFiles();
useButtons();
askServer();
