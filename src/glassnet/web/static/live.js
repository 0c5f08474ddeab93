/* The layers while a network trains: what probes read in each, and the map of the last one. */

import { element, svg } from "./dom.js";

const SIDE = 416, EDGE = 12, RADIUS = 3.2, SECONDS = 0.4;
const WIDTH = 200, HEIGHT = 34;

/* `update` takes what an event `layers` has; the box is hidden until then. */
export function liveLayers() {
  const lines = element("ul", { class: "layer-lines" });
  const table = element("details");
  const canvas = element("canvas", { role: "img" });
  const legend = element("ul", { class: "legend" });
  const heading = element("h3");
  const box = element("div", { class: "live", hidden: true }, [
    element("div", {}, [element("h3", {}, "What a linear probe reads at each layer"), lines, table]),
    element("div", {}, [heading, canvas, legend]),
  ]);
  let shown = [];
  let frame = 0;

  const update = ({ probes, map }) => {
    box.hidden = false;
    const names = Object.keys(probes[0] ?? {}).filter((name) => !["step", "epochs"].includes(name));
    lines.replaceChildren(...names.map((name) => layerLine(name, probes.map((row) => row[name]))));
    const isOpen = table.open;
    table.replaceChildren(element("summary", {}, "Numbers"), probeTable(names, probes));
    table.open = isOpen;
    heading.textContent = `Map of ${map.layer} (PCA) after ${map.epochs.toFixed(2)} epochs`;
    canvas.setAttribute("aria-label", `${map.points.length} validation examples of ${map.class_names.length} classes on the first two principal components of ${map.layer}`);
    if (legend.childElementCount !== map.class_names.length) legend.replaceChildren(...map.class_names.map(legendItem));
    const from = shown.length === map.points.length ? shown : map.points;
    cancelAnimationFrame(frame);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      shown = map.points;
      draw(canvas, shown, map.labels);
      return;
    }
    let start = null;
    const move = (now) => {
      start ??= now;
      const part = Math.min(1, (now - start) / 1000 / SECONDS);
      const eased = part * (2 - part);
      shown = map.points.map((point, k) => point.map((value, axis) => from[k][axis] + eased * (value - from[k][axis])));
      draw(canvas, shown, map.labels);
      if (part < 1) frame = requestAnimationFrame(move);
    };
    frame = requestAnimationFrame(move);
  };
  return { box, update };
}

function percent(value) {
  return `${(100 * value).toFixed(0)} %`;
}

function layerLine(name, values) {
  const x = (place) => (values.length > 1 ? WIDTH * place / (values.length - 1) : 0);
  const drawing = svg("svg", { class: "sparkline", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" });
  const path = values.map((value, place) => `${place ? "L" : "M"}${x(place).toFixed(1)} ${(3 + (HEIGHT - 6) * (1 - value)).toFixed(1)}`).join("");
  drawing.append(svg("path", { d: values.length > 1 ? path : `${path}h${WIDTH}` }));
  return element("li", {}, [element("span", {}, name), drawing, element("b", {}, percent(values.at(-1)))]);
}

function probeTable(names, probes) {
  const head = ["epochs", ...names].map((name) => element("th", { scope: "col" }, name));
  const rows = probes.map((row) => element("tr", {}, [row.epochs.toFixed(2), ...names.map((name) => percent(row[name]))].map((cell) => element("td", {}, cell))));
  return element("table", {}, [element("thead", {}, element("tr", {}, head)), element("tbody", {}, rows)]);
}

function legendItem(name, k) {
  const mark = element("canvas", { "aria-hidden": "true", width: 28, height: 28 });
  const brush = mark.getContext("2d");
  requestAnimationFrame(() => {
    brush.fillStyle = colour(mark, k);
    marker(brush, k, 14, 14, 9);
  });
  return element("li", {}, [mark, name]);
}

function colour(node, k) {
  return getComputedStyle(node).getPropertyValue(`--class-${k % 10}`).trim();
}

function draw(canvas, points, labels) {
  const ratio = devicePixelRatio || 1;
  const side = (canvas.clientWidth || SIDE) * ratio;
  Object.assign(canvas, { width: side, height: side });
  const brush = canvas.getContext("2d");
  const reach = Math.max(1e-9, ...points.flat().map(Math.abs));
  const place = (value) => side / 2 + value / reach * (side / 2 - EDGE * ratio);
  const colours = new Map();
  points.forEach(([x, y], k) => {
    const label = labels[k];
    if (!colours.has(label)) colours.set(label, colour(canvas, label));
    brush.fillStyle = colours.get(label);
    marker(brush, label, place(x), place(-y), RADIUS * ratio);
  });
}

/* The shapes of the classes, in the order of the figures: ● ■ ▲ ◆ ▼ ✚ ✖ ★ ◀ ▶. */
function marker(brush, k, x, y, r) {
  const turned = (angles, radii = [1]) => angles.map((angle, n) => [x + r * 1.25 * radii[n % radii.length] * Math.sin(angle), y - r * 1.25 * radii[n % radii.length] * Math.cos(angle)]);
  const regular = (n, start) => Array.from({ length: n }, (_, index) => start + 2 * Math.PI * index / n);
  const cross = (start) => [0, 1, 2, 3].flatMap((n) => [-0.32, 0.32].map((offset) => start + n * Math.PI / 2 + offset).concat(start + n * Math.PI / 2 + Math.PI / 4));
  const shapes = [
    null, turned(regular(4, Math.PI / 4)), turned(regular(3, 0)), turned(regular(4, 0)), turned(regular(3, Math.PI)),
    turned(cross(0), [1, 1, 0.42]), turned(cross(Math.PI / 4), [1, 1, 0.42]), turned(regular(10, 0), [1.1, 0.5]),
    turned(regular(3, -Math.PI / 2)), turned(regular(3, Math.PI / 2)),
  ];
  const shape = shapes[k % shapes.length];
  brush.beginPath();
  if (!shape) brush.arc(x, y, r, 0, 2 * Math.PI);
  else shape.forEach(([a, b], n) => (n ? brush.lineTo(a, b) : brush.moveTo(a, b)));
  brush.fill();
}
