/* The network to try: draw or drop an image, or type a text, and see the probability of each class. */

import { element, request, showError } from "./dom.js";

const PAD = 280;
const PEN = 22;
const SIDE = 28;
const BOX = 20;
/* Digits of MNIST fill a box of 20 pixels and have their centre of mass at the centre of 28. */

export function tryPanel(run, address) {
  if (!run.class_names?.length || !["cnn", "lstm"].includes(run.task)) return null;
  const bars = element("div", { class: "bars" });
  const best = element("p", { class: "answer", role: "status" });
  const error = element("div", { class: "error", role: "alert", hidden: true });
  const show = ({ predictions: [{ class: name, probability, probabilities }] }) => {
    error.hidden = true;
    best.textContent = `${name}, ${percent(probability)}`;
    const shown = Object.entries(probabilities);
    if (shown.length > 12) shown.sort((one, other) => other[1] - one[1]).splice(12);
    bars.replaceChildren(...shown.map(([each, value]) => bar(each, value, each === name)));
  };
  const ask = latest(async (body) => {
    try {
      show(await request(`${address}/predict`, body));
    } catch (problem) {
      showError(error, problem);
    }
  });
  const input = run.task === "lstm" ? textInput(ask) : imageInput(run, ask);
  return element("div", { class: "try" }, [input, element("div", {}, [best, bars, error])]);
}

/* Calls made while one is under way are dropped, but for the last. */
function latest(call) {
  let busy = false, next = null;
  return async function run(body) {
    if (busy) { next = body; return; }
    busy = true;
    await call(body);
    busy = false;
    if (next) { const body = next; next = null; run(body); }
  };
}

function percent(value) {
  if (value > 0.9995) return "> 99.9 %";
  return value > 0 && value < 0.0005 ? "< 0.1 %" : `${(100 * value).toFixed(1)} %`;
}

function bar(name, value, isFirst) {
  const fill = element("span", { class: "fill" });
  fill.style.width = `${100 * value}%`;
  return element("div", { class: `bar${isFirst ? " first" : ""}` }, [
    element("span", { class: "name", title: name }, name),
    element("span", { class: "track" }, fill),
    element("span", { class: "value" }, percent(value)),
  ]);
}

function textInput(ask) {
  const area = element("textarea", { rows: 4, placeholder: "A warm, funny film that never drags." });
  area.addEventListener("input", () => { if (area.value.trim()) ask({ texts: [area.value] }); });
  return element("label", {}, ["Type a text", area]);
}

function imageInput(run, ask) {
  const file = element("input", { type: "file", accept: "image/*" });
  const drop = element("label", { class: "drop" }, ["Choose an image file, or drop one here", file]);
  const send = (blob) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => ask({ images: [reader.result] }));
    reader.readAsDataURL(blob);
  };
  file.addEventListener("change", () => { if (file.files[0]) send(file.files[0]); });
  for (const kind of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", kind === "dragover");
      if (kind === "drop" && event.dataTransfer.files[0]) send(event.dataTransfer.files[0]);
    });
  }
  const isDigits = run.data === "mnist";
  return element("div", { class: "pad" }, isDigits ? [...drawingPad(ask), drop] : [drop]);
}

function drawingPad(ask) {
  const canvas = element("canvas", { width: PAD, height: PAD, role: "img", "aria-label": "Draw a digit here with the mouse or a finger; without either, choose an image file below", tabindex: 0 });
  const seen = element("canvas", { width: SIDE, height: SIDE, role: "img", "aria-label": "The image that the network gets" });
  const clear = element("button", { class: "action", type: "button" }, "Clear");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const reset = () => {
    pen.fillStyle = "#000";
    pen.fillRect(0, 0, PAD, PAD);
    seen.getContext("2d").clearRect(0, 0, SIDE, SIDE);
  };
  reset();
  Object.assign(pen, { lineWidth: PEN, lineCap: "round", lineJoin: "round", strokeStyle: "#fff" });
  let last = null;
  const at = (event) => {
    const { left, top, width } = canvas.getBoundingClientRect();
    return [(event.clientX - left) * PAD / width, (event.clientY - top) * PAD / width];
  };
  const line = (event) => {
    const [x, y] = at(event);
    pen.beginPath();
    pen.moveTo(...last);
    pen.lineTo(x, y + 0.01);
    pen.stroke();
    last = [x, y];
    if (centred(canvas, seen)) ask({ images: [seen.toDataURL("image/png")] });
  };
  canvas.addEventListener("pointerdown", (event) => { canvas.setPointerCapture(event.pointerId); last = at(event); line(event); });
  canvas.addEventListener("pointermove", (event) => { if (last) line(event); });
  for (const kind of ["pointerup", "pointercancel"]) canvas.addEventListener(kind, () => { last = null; });
  clear.addEventListener("click", reset);
  return [
    canvas,
    element("div", { class: "seen" }, [seen, element("span", {}, "What the network gets: the drawing, scaled and centred as MNIST's digits were."), clear]),
  ];
}

/* Scale what is drawn to a box of 20 pixels, with its centre of mass at the centre; false if empty. */
function centred(source, target) {
  const pixels = source.getContext("2d", { willReadFrequently: true }).getImageData(0, 0, PAD, PAD).data;
  let [left, top, right, bottom, sum, across, down] = [PAD, PAD, 0, 0, 0, 0, 0];
  for (let y = 0; y < PAD; y += 1) {
    for (let x = 0; x < PAD; x += 1) {
      const value = pixels[4 * (y * PAD + x)];
      if (!value) continue;
      left = Math.min(left, x); right = Math.max(right, x);
      top = Math.min(top, y); bottom = Math.max(bottom, y);
      sum += value; across += value * x; down += value * y;
    }
  }
  if (!sum) return false;
  const scale = BOX / (Math.max(right - left, bottom - top) + 1);
  const brush = target.getContext("2d");
  brush.fillStyle = "#000";
  brush.fillRect(0, 0, SIDE, SIDE);
  brush.imageSmoothingQuality = "high";
  brush.drawImage(source, SIDE / 2 - (across / sum + 0.5) * scale, SIDE / 2 - (down / sum + 0.5) * scale, PAD * scale, PAD * scale);
  return true;
}
