/* Curves of a training: loss and the first metric, by epoch, with the steps of the epochs between. */

import { element, svg } from "./dom.js";

const HEIGHT = 240, LEFT = 52, RIGHT = 62, TOP = 10, BOTTOM = 32;
const MIN_WIDTH = 250, MAX_WIDTH = 560, GAP = 32;

export function drawChart(box, { epochs, steps }, total) {
  const names = Object.keys(epochs[0] ?? {}).filter((name) => name.startsWith("valid_")).map((name) => name.slice(6));
  const fromSteps = Object.keys(steps[0] ?? {}).filter((name) => !["step", "epochs"].includes(name));
  const metrics = (names.length ? names : fromSteps).slice(0, 2);
  const open = new Set([...box.querySelectorAll("details[open]")].map((each) => each.dataset.metric));
  const width = widthIn(box);
  box.replaceChildren(...metrics.map((metric) => chart(metric, epochs, steps, total, open.has(metric), width)));
}

/* The validation curves of several runs: [name, columns of metrics.csv] each, a plot per metric. */
export function drawCompared(box, runs) {
  const shared = runs.map(([, columns]) => Object.keys(columns).filter((name) => name.startsWith("valid_")));
  const metrics = (shared[0] ?? []).filter((name) => shared.every((each) => each.includes(name))).slice(0, 2);
  const width = widthIn(box);
  box.replaceChildren(...metrics.map((metric) => compared(metric, runs, width)));
}

/* The width of a plot in pixels, two beside each other where there is space; texts then keep their size on a phone. */
function widthIn(box) {
  const full = box.clientWidth || MAX_WIDTH;
  return Math.max(MIN_WIDTH, Math.min(full, full > 750 ? (full - GAP) / 2 : MAX_WIDTH));
}

function chart(metric, epochs, steps, total, isOpen, width) {
  const train = steps.filter((row) => metric in row).map((row) => [row.epochs, row[metric]]);
  const byEpoch = epochs.map((row) => [row.epoch, row[`train_${metric}`]]).filter(([, value]) => Number.isFinite(value));
  const shownTrain = train.length ? train : byEpoch;
  const valid = epochs.map((row) => [row.epoch, row[`valid_${metric}`]]).filter(([, value]) => Number.isFinite(value));
  const values = [...shownTrain, ...valid].map(([, value]) => value).filter(Number.isFinite);
  if (!values.length) return element("div");
  const last = Math.max(1, total ?? 1, ...epochs.map((row) => row.epoch));
  const text = metric === "accuracy" ? percent : round;
  const title = `${metric[0].toUpperCase()}${metric.slice(1).replaceAll("_", " ")} by epoch`;
  const { drawing, x, y } = axes(values, last, text, title, width, RIGHT);
  const labels = [];
  for (const [kind, points] of [["train", shownTrain], ["valid", valid]]) {
    if (!points.length) continue;
    drawing.append(svg("path", { class: kind, d: pathOf(points, x, y) }));
    const [a, b] = points.at(-1);
    if (kind === "valid" || points.length === 1) drawing.append(svg("circle", { class: kind, cx: x(a), cy: y(b), r: 3.5 }));
    labels.push([kind, x(a), y(b)]);
  }
  placed(labels).forEach(([kind, left, top]) => drawing.append(svg("text", { class: "label", x: left + 9, y: top + 4 }, kind)));
  const rows = epochs.map((row) => [String(row.epoch), ...["train", "valid"].map((split) => {
    const value = row[`${split}_${metric}`];
    return Number.isFinite(value) ? text(value) : "";
  })]);
  const details = numbers(["epoch", "train", "valid"], rows, isOpen);
  details.dataset.metric = metric;
  return element("div", { class: "chart" }, [element("h3", {}, title), drawing, details]);
}

const DASHES = ["", "6 4", "2 3", "8 3 2 3", "12 4", "1 5"];

function compared(metric, runs, width) {
  const lines = runs.map(([name, columns]) => [name, columns.epoch.map((epoch, k) => [epoch, columns[metric][k]]).filter(([, value]) => Number.isFinite(value))]);
  const points = lines.flatMap(([, own]) => own);
  if (!points.length) return element("div");
  const text = metric === "valid_accuracy" ? percent : round;
  const title = `Validation ${metric.slice(6).replaceAll("_", " ")} by epoch`;
  const last = Math.max(1, ...points.map(([epoch]) => epoch));
  const { drawing, x, y } = axes(points.map(([, value]) => value), last, text, title, width, TOP);
  lines.forEach(([, own], k) => {
    const style = `stroke: var(--class-${k}); fill: var(--class-${k}); stroke-dasharray: ${DASHES[k]}`;
    drawing.append(svg("path", { style, d: pathOf(own, x, y) }));
    if (own.length) drawing.append(svg("circle", { style, cx: x(own.at(-1)[0]), cy: y(own.at(-1)[1]), r: 3.5 }));
  });
  const legend = element("ul", { class: "legend" }, lines.map(([name], k) => {
    const line = svg("svg", { viewBox: "0 0 28 8", width: 28, height: 8, "aria-hidden": "true" });
    line.append(svg("path", { style: `stroke: var(--class-${k}); stroke-dasharray: ${DASHES[k]}`, d: "M0 4H28" }));
    return element("li", {}, [line, name]);
  }));
  const epochs = [...new Set(points.map(([epoch]) => epoch))].sort((one, other) => one - other);
  const rows = epochs.map((epoch) => [String(epoch), ...lines.map(([, own]) => {
    const point = own.find(([each]) => each === epoch);
    return point ? text(point[1]) : "";
  })]);
  const names = ["epoch", ...lines.map(([name]) => name)];
  return element("div", { class: "chart" }, [element("h3", {}, title), drawing, legend, numbers(names, rows)]);
}

/* A plot without curves, for values by epoch from 0 to `last`, and the place of an epoch and of a value in it. */
function axes(values, last, text, title, width, right) {
  const ticks = niceTicks(Math.min(...values), Math.max(...values));
  const [low, high] = [Math.min(ticks[0], ...values), Math.max(ticks.at(-1), ...values)];
  const x = (value) => LEFT + (width - LEFT - right) * value / last;
  const y = (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - low) / (high - low || 1));
  const drawing = svg("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": `${title}; the table below has the numbers` });
  for (const tick of ticks) {
    drawing.append(svg("line", { class: "grid", x1: LEFT, x2: width - right, y1: y(tick), y2: y(tick) }),
      svg("text", { x: LEFT - 8, y: y(tick) + 4, "text-anchor": "end" }, text(tick)));
  }
  const step = Math.max(1, Math.ceil(last / 6));
  for (let epoch = 0; epoch <= last; epoch += step) {
    drawing.append(svg("text", { x: x(epoch), y: HEIGHT - 12, "text-anchor": "middle" }, String(epoch)));
  }
  return { drawing, x, y };
}

function pathOf(points, x, y) {
  return points.map(([a, b], k) => `${k ? "L" : "M"}${x(a).toFixed(1)} ${y(b).toFixed(1)}`).join("");
}

/* The table behind a plot. */
function numbers(names, rows, isOpen = false) {
  const head = element("tr", {}, names.map((name) => element("th", { scope: "col" }, name)));
  const body = rows.map((row) => element("tr", {}, row.map((cell) => element("td", {}, cell))));
  return element("details", { open: isOpen }, [
    element("summary", {}, "Numbers"),
    element("table", {}, [element("thead", {}, head), element("tbody", {}, body)]),
  ]);
}

/* Labels of two lines that end at the same place must not cover each other. */
function placed(labels) {
  const sorted = [...labels].sort((one, other) => one[2] - other[2]);
  for (let k = 1; k < sorted.length; k += 1) {
    if (Math.abs(sorted[k][1] - sorted[k - 1][1]) < 40) sorted[k][2] = Math.max(sorted[k][2], sorted[k - 1][2] + 14);
  }
  return sorted;
}

function niceTicks(low, high) {
  const span = high - low || Math.abs(high) || 1;
  const power = 10 ** Math.floor(Math.log10(span / 3));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => span / each <= 4);
  const first = Math.floor(low / step) * step;
  return Array.from({ length: 8 }, (_, k) => Number((first + k * step).toPrecision(12))).filter((tick) => tick <= high + step * 0.999);
}

function round(value) {
  const text = Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
  return text.replace(/^-/, "\u2212");
}

function percent(value) {
  return `${round(100 * value)} %`;
}
