/* A pad to draw on with the mouse, a finger, or the keyboard. */

import { element } from "./dom.js";

const SIDE = 280;
const PEN = 22;
const STEP = 10;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/* `send` gets the drawing as a data address whenever it changes; `cleared` is called when it is empty. */
export function drawingPad(send, cleared) {
  const canvas = element("canvas", {
    width: SIDE, height: SIDE, tabindex: 0, role: "application", "aria-roledescription": "drawing pad",
    "aria-label": "Drawing pad", "aria-describedby": "pad-keys",
  });
  const cursor = element("span", { class: "pad-cursor", "aria-hidden": "true" });
  const announce = element("span", { class: "unseen", role: "status" });
  const clear = element("button", { class: "action", type: "button" }, "Clear");
  const keys = element("p", { class: "secondary", id: "pad-keys" }, "Draw with the mouse or a finger. On the keyboard: arrow keys move the pen, space puts it down or lifts it, Delete clears.");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  let last = null, position = [SIDE / 2, SIDE / 2], isDown = false;

  const wipe = () => {
    pen.fillStyle = "#000";
    pen.fillRect(0, 0, SIDE, SIDE);
  };
  const reset = () => {
    wipe();
    cleared();
  };
  const line = (from, to) => {
    pen.beginPath();
    pen.moveTo(...from);
    pen.lineTo(to[0], to[1] + 0.01);
    pen.stroke();
    send(canvas.toDataURL("image/png"));
  };
  const place = () => {
    cursor.style.left = `${100 * position[0] / SIDE}%`;
    cursor.style.top = `${100 * position[1] / SIDE}%`;
    cursor.classList.toggle("down", isDown);
  };
  const at = (event) => {
    const { left, top, width } = canvas.getBoundingClientRect();
    return [(event.clientX - left) * SIDE / width, (event.clientY - top) * SIDE / width];
  };
  wipe();
  Object.assign(pen, { lineWidth: PEN, lineCap: "round", lineJoin: "round", strokeStyle: "#fff" });

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    last = at(event);
    line(last, last);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!last) return;
    const next = at(event);
    line(last, next);
    last = next;
  });
  for (const kind of ["pointerup", "pointercancel"]) canvas.addEventListener(kind, () => { last = null; });

  canvas.addEventListener("keydown", (event) => {
    if (event.key === " ") {
      isDown = !isDown;
      if (isDown) line(position, position);
      announce.textContent = isDown ? "pen down" : "pen up";
    } else if (event.key in ARROWS) {
      const [across, down] = ARROWS[event.key];
      const next = [position[0] + STEP * across, position[1] + STEP * down].map((value) => Math.min(Math.max(value, STEP), SIDE - STEP));
      if (isDown) line(position, next);
      position = next;
      announce.textContent = `column ${Math.round(position[0] / STEP)}, row ${Math.round(position[1] / STEP)}`;
    } else if (["Delete", "Backspace"].includes(event.key)) {
      reset();
      announce.textContent = "cleared";
    } else return;
    event.preventDefault();
    place();
  });
  clear.addEventListener("click", reset);
  place();
  const view = element("div", { class: "drawing" }, [element("div", { class: "pad-frame" }, [canvas, cursor]), keys, clear, announce]);
  return { view, show: (image) => { pen.imageSmoothingEnabled = false; pen.drawImage(image, 0, 0, SIDE, SIDE); } };
}
