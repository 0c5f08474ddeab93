/* Home: three networks to start, and the runs as cards. */

import { announce, element, request, showError, svg } from "./dom.js";
import { LIVE, STATES, follow } from "./states.js";
import { to } from "./address.js";

const STARTS = [
  { task: "cnn", title: "Classify images", text: "A convolutional network learns ten digits. Then draw one, and see what it predicts.", data: "mnist", preset: "quick" },
  { task: "vae", title: "Generate images", text: "A variational autoencoder learns to draw digits of its own.", data: "mnist", preset: "quick" },
  { task: "lstm", title: "Read texts", text: "A recurrent network learns which sentences about films are positive. Then type one.", data: "movie-snippets", preset: "quick" },
];
const MAX_COMPARED = 6;

export function showHome(main) {
  const cards = element("div", { class: "cards" });
  const compare = element("a", { class: "action main", role: "link" }, "Compare");
  const hint = element("p", { class: "secondary", role: "status" }, "Select two or more runs to compare them.");
  const runs = element("section", { class: "area", hidden: true }, [
    element("h2", {}, "Runs"), element("div", { class: "compare-bar" }, [hint, compare]), cards,
  ]);
  const error = element("div", { class: "error", role: "alert", hidden: true });
  const deleted = element("div", { class: "deleted", role: "status" });
  main.append(
    element("h1", {}, "Train a small network and see through it"),
    element("p", { class: "lead" }, "Everything happens on this machine. Closing the page stops nothing."),
    element("section", { class: "area" }, [
      element("h2", {}, "Train a network"),
      element("div", { class: "starts" }, STARTS.map((each) => startCard(each, error))),
      element("p", { class: "more" }, element("a", { href: to("train") }, "Choose data, preset and settings, or use your own data")),
      error,
    ]),
    deleted,
    runs,
  );
  const shown = new Map();
  const select = () => {
    const names = [...shown.values()].filter(({ box }) => box.checked).map(({ name }) => name);
    const isReady = names.length >= 2 && names.length <= MAX_COMPARED;
    compare.hidden = !isReady;
    const text = isReady ? `${names.length} runs selected.`
      : names.length > MAX_COMPARED ? `At most ${MAX_COMPARED} runs can be compared.` : "Select two or more runs to compare them.";
    if (hint.textContent !== text) hint.textContent = text;
    compare.href = to("compare", { runs: names.join(",") });
  };
  const remove = async (name) => {
    error.hidden = true;
    const whole = name.split("/")[0];
    try {
      const { seconds } = await request(`api/runs/${encodeURI(whole)}/delete`, {});
      const undo = element("button", { class: "action", type: "button", "aria-label": `Undo the deletion of ${whole}` }, "Undo");
      const line = element("p", {}, [element("span", {}, `${whole} is deleted. It can be restored for ${Math.round(seconds / 60)} minutes.`), undo]);
      undo.addEventListener("click", async () => {
        try {
          await request(`api/runs/${encodeURI(whole)}/restore`, {});
          line.remove();
          main.focus({ preventScroll: true });
          announce(`${whole} is restored.`);
        } catch (problem) {
          showError(error, problem);
          error.scrollIntoView({ block: "nearest" });
        }
      });
      deleted.append(line);
      undo.focus();
    } catch (problem) {
      showError(error, problem);
      error.scrollIntoView({ block: "nearest" });
    }
  };
  select();
  return follow("api/events", {
    runs: (found) => {
      runs.hidden = !found.length;
      const names = new Set(found.map(nameOf));
      for (const name of [...shown.keys()].filter((each) => !names.has(each))) {
        shown.get(name).root.remove();
        shown.delete(name);
      }
      found.forEach((run, place) => {
        const name = nameOf(run);
        if (!shown.has(name)) shown.set(name, card(name, select, remove));
        const { root, update } = shown.get(name);
        update(run);
        if (cards.children[place] !== root) cards.insertBefore(root, cards.children[place] ?? null);
      });
      select();
    },
  });
}

function nameOf(run) {
  return run.name ?? run.run;
}

function startCard({ task, title, text, data, preset }, error) {
  const button = element("button", { class: "action main", type: "button" }, "Start");
  button.setAttribute("aria-label", `Start: ${title.toLowerCase()}, ${data}`);
  button.addEventListener("click", async () => {
    button.disabled = true;
    error.hidden = true;
    try {
      const { run } = await request("api/train", { task, data, preset });
      location.hash = to(`run/${run}`);
    } catch (problem) {
      showError(error, problem);
    } finally {
      button.disabled = false;
    }
  });
  return element("div", { class: "start" }, [
    element("h3", {}, title),
    element("p", {}, text),
    element("p", {}, `${data}, preset ${preset}`),
    button,
  ]);
}

/* A card is made once and updated in place, so that focus and selection stay. */
function card(name, select, remove) {
  const box = element("input", { type: "checkbox", "aria-label": `Compare ${name}` });
  box.addEventListener("change", select);
  const button = element("button", { class: "plain-button", type: "button" }, "Delete");
  const group = name.includes("/") ? `the group ${name.split("/")[0]}` : name;
  button.setAttribute("aria-label", `Delete ${group}`);
  button.addEventListener("click", () => remove(name));
  const details = element("a", { class: "card-link", href: to(`run/${name}`) });
  const root = element("article", { class: "card" }, [details, element("div", { class: "card-actions" }, [element("label", {}, [box, "Compare"]), button])]);
  let before = "";
  const update = (run) => {
    const now = JSON.stringify(run);
    if (now === before) return;
    before = now;
    box.disabled = !run.epochs_done;
    button.disabled = LIVE.includes(run.state) && Boolean(run.task);
    details.replaceChildren(...content(name, run));
  };
  return { name, box, root, update };
}

function content(name, run) {
  const first = run.numbers?.[0];
  const parts = [
    element("h3", {}, name),
    element("span", { class: `state ${run.state}` }, STATES[run.state] ?? run.state),
  ];
  if (run.error) parts.push(element("span", { class: "secondary" }, `${run.error}; ${run.hint}`));
  if (first) {
    parts.push(element("b", {}, first.value), element("span", { class: "secondary" }, `${first.name}, ${first.note}`));
  } else if (run.epochs) {
    parts.push(element("span", { class: "secondary" }, `${run.epochs_done} of ${run.epochs} epochs`));
    parts.push(element("progress", { max: run.epochs, value: run.epochs_done, "aria-label": `epochs of ${name}` }));
  }
  if (run.curve?.values.length > 1) parts.push(sparkline(run.curve));
  if (run.task) parts.push(element("span", { class: "secondary" }, `${run.task} on ${run.data}, preset ${run.preset}`));
  return parts;
}

const WIDTH = 240, HEIGHT = 40;

function sparkline({ name, values }) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (place) => WIDTH * place / (values.length - 1);
  const y = (value) => 3 + (HEIGHT - 6) * (1 - (value - low) / (high - low || 1));
  const text = (value) => (value > 0 && value < 0.001 ? "< 0.001" : String(Number(value.toPrecision(3))));
  const drawing = svg("svg", { class: "sparkline", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": `${name}: from ${text(values[0])} to ${text(values.at(-1))}` });
  drawing.append(svg("path", { d: values.map((value, place) => `${place ? "L" : "M"}${x(place).toFixed(1)} ${y(value).toFixed(1)}`).join("") }));
  return element("span", { class: "curve" }, [drawing, element("span", { class: "secondary" }, `${name} ${text(values.at(-1))}`)]);
}
