/* Train: network, data, preset and the settings that most people want. */

import { element, request, showError } from "./dom.js";
import { to } from "./address.js";
import { checkReport, uploadArea, uploadsList } from "./upload.js";

/* All other settings are on the command line. */
const SETTINGS = ["epochs", "batch_size", "learning_rate", "seed", "dropout", "rotate", "latent_dim", "hidden_size", "max_length", "image_size"];
const OWN = "upload:";

export function showTrain(main) {
  const error = element("div", { class: "error", role: "alert", hidden: true });
  const form = element("form", { class: "fields", novalidate: true });
  const report = element("div", { "aria-live": "polite" });
  const listed = element("div");
  main.append(
    element("h1", {}, "Train a network"),
    element("p", { class: "lead" }, "Everything happens on this machine; what you upload stays here."),
    element("section", { class: "area" }, [element("h2", {}, "Network, data and settings"), form, error]),
    element("section", { class: "area" }, [element("h2", {}, "Your own data"), uploadArea((found) => uploaded(found)), report, listed]),
  );
  let uploaded = () => {};
  request("api/tasks").then((tasks) => { uploaded = fillForm(form, tasks, { error, report, listed }); }).catch((problem) => showError(error, problem));
  return () => {};
}

/* Make the form; gives the function that takes the result of a check. */
function fillForm(form, tasks, { error, report, listed }) {
  const modalities = {};  // of the uploads that were checked
  let uploads = [];
  const task = select("Network", Object.keys(tasks));
  const data = select("Data", []);
  const preset = select("Preset", []);
  const name = field("name", "Name of the run", { maxlength: 100 });
  name.help.textContent = "If empty, it is named after the network and the data.";
  const settings = Object.fromEntries(SETTINGS.map((key) => [key, field(key, titled(key), { inputmode: "decimal" })]));
  const button = element("button", { class: "action main", type: "submit" }, "Start training");

  const fillPreset = () => {
    const { options, presets } = tasks[task.input.value];
    for (const [key, { input, help, label }] of Object.entries(settings)) {
      const option = options.find((each) => each.name === key);
      label.hidden = !option;
      help.textContent = option?.help ?? "";
      input.placeholder = option ? String(presets[preset.input.value][key]) : "";
    }
  };
  const fill = () => {
    const chosen = tasks[task.input.value];
    task.help.textContent = `${chosen.summary}.`;
    const own = uploads.filter(({ upload }) => [undefined, chosen.modality].includes(modalities[upload])).map(({ upload }) => `${OWN}${upload}`);
    const before = data.input.value;
    replaceOptions(data.input, [...chosen.data, ...own], chosen.default_data);
    if ([...data.input.options].some(({ value }) => value === before)) data.input.value = before;
    replaceOptions(preset.input, Object.keys(chosen.presets), preset.input.value || "default");
    fillPreset();
  };
  const refresh = async () => {
    uploads = await request("api/uploads");
    listed.replaceChildren(uploads.length ? element("div", {}, [
      element("h3", {}, "Uploaded"),
      element("p", { class: "secondary" }, "Runs need the data that they were trained on, to be resumed or explained."),
      uploadsList(uploads, refresh, error),
    ]) : "");
    fill();
  };
  task.input.addEventListener("change", fill);
  preset.input.addEventListener("change", fillPreset);
  form.append(task.label, data.label, preset.label, ...Object.values(settings).map(({ label }) => label), name.label,
    element("div", { class: "actions" }, button));
  fill();
  refresh().catch((problem) => showError(error, problem));

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const fields = { ...settings, name };
    for (const { input, problem } of Object.values(fields)) {
      problem.hidden = true;
      input.removeAttribute("aria-invalid");
    }
    const options = {};
    for (const [key, { input, label }] of Object.entries(settings)) {
      const text = input.value.trim();
      if (text && !label.hidden) options[key] = Number.isFinite(Number(text)) ? Number(text) : text;
    }
    const chosen = data.input.value.startsWith(OWN) ? { upload: data.input.value.slice(OWN.length) } : { data: data.input.value };
    button.disabled = true;
    error.hidden = true;
    try {
      const { run } = await request("api/train", { task: task.input.value, preset: preset.input.value, name: name.input.value.trim(), options, ...chosen });
      location.hash = to(`run/${run}`);
    } catch (problem) {
      const at = fields[problem.field];
      if (!at) return showError(error, problem);
      at.input.setAttribute("aria-invalid", "true");
      showError(at.problem, problem);
      at.input.focus();
    } finally {
      button.disabled = false;
    }
  });

  return async (found) => {
    report.replaceChildren();
    if (!found) return;
    modalities[found.upload] = found.trainable ? found.modality : "none";
    report.replaceChildren(checkReport(found));
    if (found.trainable && tasks[task.input.value].modality !== found.modality) {
      task.input.value = Object.keys(tasks).find((each) => tasks[each].modality === found.modality);
    }
    await refresh();
    if (!found.trainable) return;
    data.input.value = `${OWN}${found.upload}`;
    const start = element("button", { class: "action main", type: "button" }, `Train on ${found.upload}`);
    start.addEventListener("click", () => form.requestSubmit());
    report.append(element("div", { class: "actions" }, start));
  };
}

function titled(name) {
  return name[0].toUpperCase() + name.slice(1).replaceAll("_", " ");
}

function select(title, names) {
  const key = title.toLowerCase();
  const input = element("select", { id: `field-${key}`, "aria-describedby": `help-${key}` }, names.map((name) => element("option", { value: name }, name)));
  const help = element("small", { id: `help-${key}` });
  return { input, help, label: element("div", { class: "field" }, [element("label", { for: `field-${key}` }, title), input, help]) };
}

function replaceOptions(input, names, chosen) {
  input.replaceChildren(...names.map((name) => element("option", { value: name }, name.replace(OWN, "your upload: "))));
  if (names.includes(chosen)) input.value = chosen;
}

function field(key, title, attributes) {
  const input = element("input", { type: "text", autocomplete: "off", id: `field-${key}`, "aria-describedby": `help-${key} problem-${key}`, ...attributes });
  const help = element("small", { id: `help-${key}` });
  const problem = element("div", { class: "error", role: "alert", id: `problem-${key}`, hidden: true });
  return { input, help, problem, label: element("div", { class: "field" }, [element("label", { for: `field-${key}` }, title), input, help, problem]) };
}
