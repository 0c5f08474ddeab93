/* Shapes and colours of classes on maps: ten shapes, in the order of the figures' markers. */

import { svg } from "./dom.js";

/* In a box from -1 to 1. */
const SHAPES = [
  "M1 0A1 1 0 1 1 -1 0A1 1 0 1 1 1 0Z",
  "M-.85-.85H.85V.85H-.85Z",
  "M0-1L1 .85H-1Z",
  "M0-1.15L1 0L0 1.15L-1 0Z",
  "M0 1L1-.85H-1Z",
  "M-.35-1H.35V-.35H1V.35H.35V1H-.35V.35H-1V-.35H-.35Z",
  "M-.7-1L0-.35L.7-1L1-.7L.35 0L1 .7L.7 1L0 .35L-.7 1L-1 .7L-.35 0L-1-.7Z",
  "M0-1.15L.3-.35L1.1-.35L.45 .15L.7 .95L0 .45L-.7 .95L-.45 .15L-1.1-.35L-.3-.35Z",
  "M-1 0L.85-1V1Z",
  "M1 0L-.85-1V1Z",
];
const TEN = SHAPES.length;

export function marker(classNumber, count) {
  if (count > 2 * TEN) return { shape: SHAPES[0], colour: "--muted", hollow: false };
  const turn = Math.floor(classNumber / TEN), slot = classNumber % TEN;
  return { shape: SHAPES[(slot + 3 * turn) % TEN], colour: `--class-${slot}`, hollow: turn > 0 };
}

/* A marker beside the name of its class. */
export function markerIcon(classNumber, count) {
  const { shape, colour, hollow } = marker(classNumber, count);
  const icon = svg("svg", { viewBox: "-1.5 -1.5 3 3", width: 12, height: 12, "aria-hidden": "true" });
  const paint = hollow ? `fill:none;stroke-width:.5;stroke:var(${colour})` : `fill:var(${colour})`;
  icon.append(svg("path", { d: shape, style: paint }));
  return icon;
}

/* Draw points on a canvas of any density, the classes mixed; `points` are [x, y] in its pixels. */
export function drawMarkers(context, points, labels, count, radius) {
  const style = getComputedStyle(context.canvas);
  const kinds = Array.from({ length: count }, (_, each) => {
    const { shape, colour, hollow } = marker(each, count);
    return { path: new Path2D(shape), colour: style.getPropertyValue(colour), hollow };
  });
  context.globalAlpha = Number(style.getPropertyValue("--point-opacity"));
  points.forEach(([x, y], place) => {
    const { path, colour, hollow } = kinds[labels[place]];
    context.save();
    context.translate(x, y);
    context.scale(radius, radius);
    context.lineWidth = 0.5;
    context[hollow ? "strokeStyle" : "fillStyle"] = colour;
    context[hollow ? "stroke" : "fill"](path);
    context.restore();
  });
  context.globalAlpha = 1;
}
