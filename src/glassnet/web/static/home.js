/* Home: three networks to start, and the runs as cards. */

import { element, request, showError } from "./dom.js";
import { STATES, follow } from "./states.js";
import { to } from "./address.js";

const STARTS = [
  { task: "cnn", title: "Classify images", text: "A convolutional network learns ten digits. Then draw one, and see what it says.", data: "mnist", preset: "quick" },
  { task: "vae", title: "Generate images", text: "A variational autoencoder learns to draw digits of its own.", data: "mnist", preset: "quick" },
  { task: "lstm", title: "Read texts", text: "A recurrent network learns which sentences about films are positive. Then type one.", data: "movie-snippets", preset: "quick" },
];

export function showHome(main) {
  const cards = element("div", { class: "cards" });
  const runs = element("section", { class: "area", hidden: true }, [element("h2", {}, "Runs"), cards]);
  const error = element("div", { class: "error", role: "alert", hidden: true });
  main.append(
    element("h1", {}, "Train a small network and see through it"),
    element("p", { class: "lead" }, "Everything happens on this machine. Closing the page stops nothing."),
    element("section", { class: "area" }, [
      element("h2", {}, "Train a network"),
      element("div", { class: "starts" }, STARTS.map((each) => startCard(each, error))),
      settings(error),
      error,
    ]),
    runs,
  );
  return follow("api/events", {
    runs: (found) => {
      runs.hidden = !found.length;
      cards.replaceChildren(...found.map(card));
    },
  });
}

function startCard({ task, title, text, data, preset }, error) {
  const button = element("button", { class: "action main", type: "button" }, "Start");
  button.setAttribute("aria-label", `Start: ${title.toLowerCase()}, ${data}`);
  button.addEventListener("click", () => start({ task, data, preset }, error, button));
  return element("div", { class: "start" }, [
    element("h3", {}, title),
    element("p", {}, text),
    element("p", {}, `${data}, preset ${preset}`),
    button,
  ]);
}

async function start(body, error, button) {
  button.disabled = true;
  error.hidden = true;
  try {
    const { run } = await request("api/train", body);
    location.hash = to(`run/${run}`);
  } catch (problem) {
    showError(error, problem);
  } finally {
    button.disabled = false;
  }
}

/* The settings that most people want; all others are on the command line. */
const SETTINGS = ["epochs", "batch_size", "learning_rate", "seed"];

function settings(error) {
  const form = element("form", { class: "fields" });
  const details = element("details", { class: "settings" }, [
    element("summary", {}, "Choose data, preset and settings"), form,
  ]);
  details.addEventListener("toggle", async () => {
    if (!details.open || form.childElementCount) return;
    const tasks = await request("api/tasks");
    const task = select("Network", Object.keys(tasks));
    const data = select("Data", []);
    const preset = select("Preset", []);
    const name = field("Name of the run", { maxlength: 100 }, "optional");
    const numbers = SETTINGS.map((key) => [key, field(titled(key), { inputmode: "decimal" }, "")]);
    const fill = () => {
      const chosen = tasks[task.input.value];
      task.help.textContent = `${chosen.summary}.`;
      replaceOptions(data.input, chosen.data, chosen.default_data);
      replaceOptions(preset.input, chosen.presets, "default");
      for (const [key, { help }] of numbers) help.textContent = chosen.options.find((each) => each.name === key)?.help ?? "";
    };
    task.input.addEventListener("change", fill);
    const button = element("button", { class: "action main", type: "submit" }, "Start training");
    form.append(task.label, data.label, preset.label, ...numbers.map(([, { label }]) => label), name.label,
      element("div", { class: "actions" }, button));
    fill();
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const options = {};
      for (const [key, { input }] of numbers) if (input.value.trim()) options[key] = Number(input.value);
      start({ task: task.input.value, data: data.input.value, preset: preset.input.value, name: name.input.value.trim(), options }, error, button);
    });
  });
  return details;
}

function titled(name) {
  return name[0].toUpperCase() + name.slice(1).replaceAll("_", " ");
}

function select(title, names) {
  const input = element("select", {}, names.map((name) => element("option", { value: name }, name)));
  const help = element("small");
  return { input, help, label: element("label", {}, [title, input, help]) };
}

function replaceOptions(input, names, chosen) {
  input.replaceChildren(...names.map((name) => element("option", { value: name }, name)));
  if (names.includes(chosen)) input.value = chosen;
}

function field(title, attributes, hint) {
  const input = element("input", { type: "text", autocomplete: "off", ...attributes });
  const help = element("small", {}, hint);
  return { input, help, label: element("label", {}, [title, input, help]) };
}

function card(run) {
  const name = run.name ?? run.run;
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
    const bar = element("progress", { max: run.epochs, value: run.epochs_done });
    bar.setAttribute("aria-label", `epochs of ${name}`);
    parts.push(bar);
  }
  if (run.task) parts.push(element("span", { class: "secondary" }, `${run.task} on ${run.data}, preset ${run.preset}`));
  return element("a", { class: "card", href: to(`run/${name}`) }, parts);
}
