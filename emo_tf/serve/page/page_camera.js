// Takes a picture with a camera of this device. Nothing runs before it is asked for.

import { byId } from "./page_elements.js";

let stream = null;
let facing = "user";

/** Says whether the browser lets this page use a camera; it does so on HTTPS and localhost. */
export function hasCamera() {
  return window.isSecureContext && Boolean(navigator.mediaDevices?.getUserMedia);
}

/** Starts the camera and shows what it sees. Throws what `getUserMedia` throws. */
export async function openCamera() {
  closeCamera();
  stream = await navigator.mediaDevices.getUserMedia({
    video: { facingMode: facing, width: { ideal: 1920 }, height: { ideal: 1080 } },
    audio: false,
  });
  const video = byId("video");
  video.srcObject = stream;
  // A person in front of the screen expects a mirror; the picture itself is not mirrored.
  const faces = stream.getVideoTracks()[0].getSettings().facingMode ?? facing;
  video.classList.toggle("mirrored", faces === "user");
  await video.play();
  const devices = await navigator.mediaDevices.enumerateDevices();
  byId("switch").hidden = devices.filter(({ kind }) => kind === "videoinput").length < 2;
}

/** Starts the camera that looks the other way. */
export function switchCamera() {
  facing = facing === "user" ? "environment" : "user";
  return openCamera();
}

/** Returns what the camera sees as a JPEG file, and stops it. */
export async function takePicture() {
  const video = byId("video");
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d").drawImage(video, 0, 0);
  closeCamera();
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92));
  return new File([blob], "camera.jpg", { type: "image/jpeg" });
}

/** Stops the camera: its light goes out. */
export function closeCamera() {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
  byId("video").srcObject = null;
}

/** Words why the camera did not start. */
export function cameraProblem(error) {
  const reasons = {
    NotAllowedError: "The browser does not let this page use the camera.",
    NotFoundError: "No camera was found.",
    NotReadableError: "Another program is using the camera.",
  };
  return reasons[error.name] ?? "The camera could not be started.";
}
