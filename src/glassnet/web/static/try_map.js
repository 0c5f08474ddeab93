/* A map of points by class, on a canvas, and the place of one input on it. */

import { drawMarkers } from "./markers.js";
import { element } from "./dom.js";

const FULL = 1000; /* the coordinates of a map */
const MARGIN = 0.05;
const MAX_NAMES = 20; /* classes whose names are written on the map */
const MAX_LETTERS = 14;

function median(values) {
  return values.sort((one, other) => one - other)[values.length >> 1];
}

export class PointMap {
  /* `labels` are class numbers of the points; `names`, those of the classes. */
  constructor(labels, names) {
    this.labels = labels;
    this.names = names;
    this.canvas = element("canvas", { class: "point-map", role: "img", "aria-label": "" });
    this.points = [];
    this.place = null;
    this.background = null;
    new ResizeObserver(() => this.redraw()).observe(this.canvas);
    new MutationObserver(() => this.redraw()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.redraw());
  }

  /* `place` is [x, y] on the map, or null; `name` says in words what is seen. */
  show(points, place, name) {
    if (points !== this.points) this.background = null;
    this.points = points;
    this.place = place;
    this.canvas.setAttribute("aria-label", name);
    this.draw();
  }

  redraw() {
    this.background = null;
    this.draw();
  }

  /* Pixels of a point; y is up. */
  at([x, y]) {
    const side = this.canvas.width, inner = side * (1 - 2 * MARGIN);
    return [side * MARGIN + x / FULL * inner, side * (1 - MARGIN) - y / FULL * inner];
  }

  /* The point of the map under a pointer. */
  pointOf(event) {
    const { left, top, width } = this.canvas.getBoundingClientRect();
    const share = (value) => (value / width - MARGIN) / (1 - 2 * MARGIN) * FULL;
    return [share(event.clientX - left), FULL - share(event.clientY - top)];
  }

  draw() {
    const { canvas } = this;
    const side = Math.round(canvas.clientWidth * devicePixelRatio);
    if (!side || !canvas.isConnected) return;
    if (canvas.width !== side || canvas.height !== side) {
      canvas.width = side;
      canvas.height = side;
      this.background = null;
    }
    const context = canvas.getContext("2d");
    context.clearRect(0, 0, side, side);
    if (this.background) context.drawImage(this.background, 0, 0);
    else {
      const radius = Math.max(1.6, 3.4 - this.points.length / 2500) * devicePixelRatio;
      drawMarkers(context, this.points.map((point) => this.at(point)), this.labels, this.names.length, radius);
      if (this.names.length <= MAX_NAMES) this.drawNames(context);
      this.background = new OffscreenCanvas(side, side);
      this.background.getContext("2d").drawImage(canvas, 0, 0);
    }
    if (this.place) this.drawPlace(context);
  }

  /* The name of each class at its most central point, in ink on a halo of the ground. */
  drawNames(context) {
    const style = getComputedStyle(this.canvas), unit = devicePixelRatio;
    context.font = `600 ${12 * unit}px ${style.fontFamily}`;
    Object.assign(context, { textAlign: "center", textBaseline: "middle", lineJoin: "round", lineWidth: 4 * unit });
    context.strokeStyle = style.getPropertyValue("--ground");
    context.fillStyle = style.getPropertyValue("--ink");
    this.names.forEach((name, each) => {
      const points = this.points.filter((_, place) => this.labels[place] === each).map((point) => this.at(point));
      if (!points.length) return;
      const [x, y] = [0, 1].map((axis) => median(points.map((point) => point[axis])));
      const distance = (point) => Math.hypot(point[0] - x, point[1] - y);
      const [left, top] = points.reduce((best, point) => (distance(point) < distance(best) ? point : best));
      const text = name.length > MAX_LETTERS ? `${name.slice(0, MAX_LETTERS - 1)}…` : name;
      context.strokeText(text, left, top);
      context.fillText(text, left, top);
    });
  }

  /* A ring and a cross in ink, on a halo of the ground. */
  drawPlace(context) {
    const style = getComputedStyle(this.canvas), unit = devicePixelRatio;
    const [x, y] = this.at(this.place);
    for (const [colour, width] of [["--ground", 6], ["--ink", 2.5]]) {
      context.strokeStyle = style.getPropertyValue(colour);
      context.lineWidth = width * unit;
      context.beginPath();
      context.arc(x, y, 8 * unit, 0, 2 * Math.PI);
      for (const [across, down] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
        context.moveTo(x + across * 11 * unit, y + down * 11 * unit);
        context.lineTo(x + across * 18 * unit, y + down * 18 * unit);
      }
      context.stroke();
    }
  }
}
