/* The camera as an input, where the browser has one: switched on by a click, off when the page is left. */

import { element } from "./dom.js";

const SIDE = 280;
const EVERY = 250; /* milliseconds between two pictures */

/* `send` gets each picture, cropped to a square, as a data address. */
export function cameraInput(send, failed) {
  if (!navigator.mediaDevices?.getUserMedia) return "";
  const video = element("video", { playsinline: true, "aria-label": "Picture of the camera" });
  video.muted = true;
  const start = element("button", { class: "action", type: "button" }, "Use the camera");
  const take = element("button", { class: "action main", type: "button" }, "Take the picture");
  const running = element("div", { class: "camera", hidden: true }, [video, take]);
  const canvas = new OffscreenCanvas(SIDE, SIDE);
  let stream = null, timer = 0;

  const stop = () => {
    clearInterval(timer);
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    running.hidden = true;
    start.hidden = false;
  };
  const picture = async () => {
    if (!video.isConnected) { stop(); return; }
    const side = Math.min(video.videoWidth, video.videoHeight);
    if (!side) return;
    canvas.getContext("2d").drawImage(video, (video.videoWidth - side) / 2, (video.videoHeight - side) / 2, side, side, 0, 0, SIDE, SIDE);
    const blob = await canvas.convertToBlob({ type: "image/png" });
    const reader = new FileReader();
    reader.addEventListener("load", () => { if (stream) send(reader.result); });
    reader.readAsDataURL(blob);
  };
  start.addEventListener("click", async () => {
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: 640 } });
      video.srcObject = stream;
      await video.play();
      running.hidden = false;
      start.hidden = true;
      take.focus();
      timer = setInterval(picture, EVERY);
    } catch (problem) {
      failed({ error: `the camera cannot be used: ${problem.message}`, hint: "allow it for this page in the browser, or choose an image file" });
    }
  });
  take.addEventListener("click", () => {
    stop();
    start.focus();
  });
  return element("div", {}, [start, running]);
}
