/* A text to try on a classifier: what each word contributes, the prediction after each word, and words
   that can be dropped. */

/* global makeRoving */

import { remember, settings } from "./address.js";
import { element, request, showError } from "./dom.js";
import { latest, percent, predictionView, settled } from "./try_prediction.js";
import { layersView } from "./try_layers.js";

const MAX_IN_ADDRESS = 1500; /* characters */
const MAX_LABELLED = 40; /* words with a name below their column */

export function textPanel(network, address) {
  const area = element("textarea", { rows: 4, placeholder: "A warm, funny film that never drags." });
  const error = element("div", { class: "error", role: "alert", hidden: true });
  const prediction = predictionView();
  const change = element("p", { class: "change", role: "status", hidden: true });
  const back = element("button", { class: "action", type: "button", hidden: true }, "Put all words back");
  const words = element("section", { class: "words", hidden: true });
  const dropped = new Set(numbers(settings().get("dropped")));
  area.value = (settings().get("text") ?? "").slice(0, MAX_IN_ADDRESS);

  const inspect = latest(async () => {
    const text = area.value;
    if (!text.trim()) return clear();
    try {
      const result = await request(`${address}/inspect`, { text, dropped: [...dropped] });
      if (text !== area.value) return;
      error.hidden = true;
      prediction.show(result.prediction);
      showChange(result);
      showWords(words, result, dropped, toggle);
      layers.show(result);
    } catch (problem) {
      showError(error, problem);
    }
  });
  const clear = () => {
    prediction.show(null);
    layers.show(null);
    words.hidden = change.hidden = back.hidden = error.hidden = true;
  };
  const toggle = (place) => {
    if (!dropped.delete(place)) dropped.add(place);
    inspect();
    store();
  };
  const showChange = ({ before, prediction: { class: name, probability, probabilities } }) => {
    change.hidden = back.hidden = !before;
    if (!before) return;
    const count = dropped.size === 1 ? "one word" : `${dropped.size} words`;
    change.textContent = `Without ${count}: ${before.class} falls or rises from ${percent(before.probability)} to ${percent(probabilities[before.class])}`
      .replace("falls or rises", probabilities[before.class] < before.probability ? "falls" : "rises")
      + (name === before.class ? "." : `, and the prediction becomes ${name} (${percent(probability)}).`);
  };
  const store = settled(() => area.isConnected && remember({
    text: area.value && area.value.length <= MAX_IN_ADDRESS ? area.value : null,
    dropped: dropped.size ? [...dropped].join("-") : null,
  }));
  const layers = layersView(network, address, inspect);
  area.addEventListener("input", () => {
    dropped.clear();
    inspect();
    store();
  });
  back.addEventListener("click", () => {
    dropped.clear();
    inspect();
    store();
    area.focus();
  });
  const input = element("div", { class: "text-input" }, [element("label", {}, ["Type a text", area]), change, back]);
  return [element("div", { class: "try" }, [input, element("div", {}, [prediction.view, error])]), words, layers.view];
}

function numbers(text) {
  return (text ?? "").split("-").filter((each) => /^\d{1,4}$/.test(each)).map(Number);
}

function showWords(section, result, dropped, toggle) {
  const focused = section.querySelector(".word:focus")?.dataset.place;
  const { attribution, words } = result;
  const strongest = Math.max(1e-9, ...words.map(({ value }) => Math.abs(value ?? 0)));
  const detail = element("p", { class: "word-detail", "aria-hidden": "true" });
  const text = element("p", { class: "typed-words", role: "group", "aria-label": "The words; arrow keys move between them" }, words.flatMap((word, place) => [
    wordButton(word, place, strongest, attribution, dropped.has(place), toggle, detail),
    place === result.gap ? element("span", { class: "gap" }, "[…]") : "",
  ]));
  section.replaceChildren(
    element("h3", {}, "What each word contributes"),
    result.gap === null ? "" : element("p", { class: "notice" }, cut(words.length, result.gap)),
    attribution ? explanation(attribution, words.length - dropped.size) : element("p", { class: "secondary" }, "The contributions of words are not known for this network."),
    text, detail,
    element("h3", {}, "The prediction after each word"),
    ...afterEachWord(result, words.length - dropped.size),
  );
  makeRoving(text, ".word");
  section.hidden = false;
  if (focused) section.querySelector(`[data-place="${focused}"]`)?.focus();
}

function cut(count, gap) {
  return `The text is too long for the network: it reads the first ${gap + 1} and the last ${count - gap - 1} words, and leaves out those at […].`;
}

function explanation({ quantity, against, for: name, start, end, error, steps, branches }, count) {
  const parts = branches.length < 2 ? "" : ` (${branches.map((branch) => `${branch.name} ${signed(branch.value)}`).join(", ")})`;
  return element("p", { class: "secondary" }, [
    element("span", { class: "key high" }, `for ${name}`), " ", element("span", { class: "key low" }, `for ${against}`),
    ` Integrated gradients distribute the ${quantity}, ${signed(end)} nats (${signed(start)} without words), over ${count === 1 ? "the word" : `${count.toLocaleString("en")} words and signs`}, from gradients at ${steps} points;`
    + ` their sum${parts} is off by ${error < 0.01 ? "less than 0.01" : error.toFixed(2)}. Press a word to drop it: the network then reads the text without it.`,
  ]);
}

function wordButton({ text, known, value }, place, strongest, attribution, isDropped, toggle, detail) {
  const contribution = value === null || value === undefined ? "" : `${signed(value)} nats, for ${value >= 0 ? attribution.for : attribution.against}`;
  const name = [text.trim(), isDropped ? "dropped" : known ? contribution : `unknown to the network, ${contribution}`].filter(Boolean).join(": ");
  const button = element("button", {
    type: "button", class: `word${known ? "" : " unknown"}`, "data-place": place, "aria-pressed": String(isDropped), "aria-label": name,
  }, text.trim());
  if (value) {
    button.classList.add(value > 0 ? "high" : "low");
    button.style.setProperty("--weight", `${Math.round(100 * Math.abs(value) / strongest)}%`);
  }
  button.addEventListener("click", () => toggle(place));
  for (const kind of ["focus", "pointerenter"]) button.addEventListener(kind, () => { detail.textContent = name; });
  return button;
}

function signed(value) {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;
}

/* Columns for the class that is predicted at the end, and all numbers as a table. */
function afterEachWord({ words, after_each_word: { places, classes, probabilities } }, count) {
  const shown = classes.length === 2 ? 1 : argmax(probabilities.at(-1));
  const which = places.length < count ? `${places.length} of the ${count.toLocaleString("en")} words` : "each word";
  const columns = places.map((place, step) => {
    const column = element("span", { class: "column" });
    column.style.height = `${100 * probabilities[step][shown]}%`;
    return element("span", { class: "word-step" }, [
      element("span", { class: "column-frame" }, column),
      places.length <= MAX_LABELLED ? element("span", { class: "step-word" }, words[place].text.trim()) : "",
    ]);
  });
  const rows = places.map((place, step) => element("tr", {}, [
    element("th", { scope: "row" }, words[place].text.trim()),
    ...probabilities[step].map((value) => element("td", {}, percent(value))),
  ]));
  const table = element("table", {}, [
    element("thead", {}, element("tr", {}, [element("th", { scope: "col" }, "After"), ...classes.map((name) => element("th", { scope: "col" }, name))])),
    element("tbody", {}, rows),
  ]);
  return [
    element("p", { class: "secondary" }, `Probability of ${classes[shown]} after ${which}; the line is one half.`),
    element("div", { class: places.length <= MAX_LABELLED ? "steps" : "steps dense", role: "img", "aria-label": `Probability of ${classes[shown]} after ${which}: ${summary(probabilities, shown)}` }, columns),
    element("details", {}, [element("summary", {}, "Numbers"), element("div", { class: "scroller", tabindex: 0, role: "region", "aria-label": "Probabilities after each word" }, table)]),
  ];
}

function argmax(values) {
  return values.indexOf(Math.max(...values));
}

function summary(probabilities, shown) {
  const values = probabilities.map((row) => row[shown]);
  return `${percent(values[0])} at first, ${percent(values.at(-1))} at the end`;
}
