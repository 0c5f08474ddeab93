/* The prediction for one input: the probability of each class as bars. */

import { element } from "./dom.js";

const MAX_BARS = 12;

/* An element, and a function that shows a prediction in it, or clears it for null. */
export function predictionView() {
  const best = element("p", { class: "answer", role: "status" });
  const bars = element("div", { class: "bars" });
  const show = (prediction) => {
    if (!prediction) {
      best.textContent = "";
      bars.replaceChildren();
      return;
    }
    const { class: name, probability, probabilities } = prediction;
    best.textContent = `${name}, ${percent(probability)}`;
    const shown = Object.entries(probabilities);
    if (shown.length > MAX_BARS) shown.sort((one, other) => other[1] - one[1]).splice(MAX_BARS);
    bars.replaceChildren(...shown.map(([each, value]) => bar(each, value, each === name)));
  };
  return { view: element("div", { class: "prediction" }, [best, bars]), show };
}

export function percent(value) {
  if (value > 0.9995) return "> 99.9\u00a0%";
  return value > 0 && value < 0.0005 ? "< 0.1\u00a0%" : `${(100 * value).toFixed(1)}\u00a0%`;
}

function bar(name, value, isFirst) {
  const fill = element("span", { class: "fill" });
  fill.style.width = `${100 * value}%`;
  return element("div", { class: `bar${isFirst ? " first" : ""}` }, [
    element("span", { class: "class-title", title: name }, name),
    element("span", { class: "track" }, fill),
    element("span", { class: "amount" }, percent(value)),
  ]);
}

/* Calls made while one is under way are dropped, but for the last. */
export function latest(call) {
  let busy = false, next = null;
  return async function run(...values) {
    if (busy) { next = values; return; }
    busy = true;
    await call(...values);
    busy = false;
    if (next) { const values = next; next = null; run(...values); }
  };
}

/* A call that waits until nothing more has come for a moment. */
export function settled(call, milliseconds = 400) {
  let timer = 0;
  const later = (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => call(...values), milliseconds);
  };
  later.cancel = () => clearTimeout(timer);
  return later;
}
