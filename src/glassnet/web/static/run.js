/* A run: its state and numbers, and tabs: its curves as they grow, its report, its network to try. */

import { drawChart } from "./charts.js";
import { tryPanel } from "./try.js";
import { GONE, WAIT_IF_GONE, announce, element, request, showError } from "./dom.js";
import { liveLayers } from "./live.js";
import { partsOf, tabsIn } from "./look.js";
import { LIVE, STATES, follow } from "./states.js";

export function showRun(main, name) {
  const address = `api/runs/${encodeURI(name)}`;
  const state = element("p", { class: "state" });
  const lead = element("p", { class: "lead" });
  const numbers = element("dl", { class: "key-numbers" });
  const actions = element("div", { class: "actions" });
  const error = element("div", { class: "error", role: "alert", hidden: true });
  const curves = element("div", { class: "curves" });
  const below = element("div");
  main.append(element("h1", {}, name), state, lead, error, numbers, actions, below);
  const tabs = tabsIn(below, name);
  tabs.add("training", "Training", { content: curves });
  const live = liveLayers();
  curves.after(live.box);
  const rows = { epochs: [], steps: [] };
  let shown = null;
  let drawing = 0;

  const draw = () => {
    drawing = 0;
    drawChart(curves, rows, shown?.epochs);
  };
  const later = () => { drawing ||= requestAnimationFrame(draw); };
  curves.addEventListener("shown", later);
  const act = (title, path) => {
    const button = element("button", { class: "action", type: "button" }, title);
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        await request(`${address}/${path}`, {});
        if (path === "resume") dispatchEvent(new Event("hashchange"));
      } catch (problem) {
        showError(error, problem);
        button.disabled = false;
      }
    });
    return button;
  };

  const show = (run) => {
    if (shown?.state !== run.state) announce(`${name} ${STATES[run.state] ?? run.state}`);
    shown = run;
    state.className = `state ${run.state}`;
    state.textContent = STATES[run.state] ?? run.state;
    if (!run.task) return;
    if (LIVE.includes(run.state)) state.textContent += `, ${run.epochs_done} of ${run.epochs} epochs`;
    lead.textContent = `${run.task} on ${run.data}, preset ${run.preset}, seed ${run.seed}, ${run.parameters?.toLocaleString("en")} parameters.`;
    numbers.replaceChildren(...run.numbers.slice(0, 4).map((number) => element("div", {}, [
      element("dt", {}, number.name),
      element("dd", {}, [element("b", {}, number.value), element("span", {}, number.note)]),
    ])));
    const offered = `${run.state} ${run.report}`;
    if (offered !== actions.dataset.offered) showActions(run); // the one that has the focus keeps it
    actions.dataset.offered = offered;
    if (!tabs.has("try") && run.epochs_done > 0) {
      const panel = tryPanel(run, address);
      if (panel) tabs.add("try", "Try", { content: panel });
    }
    lead.hidden = numbers.hidden = run.explained;
    if (run.explained && !tabs.has("overview")) addParts();
    later();
  };

  const showActions = (run) => {
    actions.replaceChildren();
    if (run.state === "training") actions.append(act("Stop", "stop"));
    if (["interrupted", "failed", "killed"].includes(run.state)) actions.append(act("Resume", "resume"));
    if (run.report) actions.append(element("a", { class: "action main", href: `runs/${encodeURI(name)}/report` }, "Open the report"));
  };

  const addParts = async () => {
    tabs.add("overview", "Overview", { part: true });
    try {
      for (const { key, title } of await partsOf(name)) tabs.add(key, title, { part: true });
    } catch (problem) {
      showError(error, problem);
    }
  };

  const showEnded = async () => {
    if (!below.isConnected) return;
    try {
      show(await request(address));
      error.hidden = true;
    } catch (problem) {
      showError(error, problem);
      if (problem === GONE) setTimeout(showEnded, WAIT_IF_GONE);
    }
  };

  const end = follow(`${address}/events`, {
    epoch: (row) => { rows.epochs.push(row); later(); },
    step: (row) => { rows.steps.push(row); later(); },
    layers: live.update,
    run: show,
    problem: (lines) => showError(error, lines),
    end: ({ state }) => setTimeout(() => {
      end();
      if (state !== "missing") showEnded();
    }, 1500),
  });
  return end;
}
