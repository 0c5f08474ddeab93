/* The tabs of a run: parts of its report, which are fetched when they are opened, beside those of the page. */

/* global CELL_EVENT, Examples, makeRoving */

import { element, request } from "./dom.js";
import { remember, rememberFigures, settings } from "./address.js";
import { copyLink, loadPart, scrollToFinding } from "./report_part.js";

const ORDER = ["overview", "training", "layers", "generated", "words", "examples", "mistakes", "try", "provenance"];

/* Tabs in an element. `add` may be called at any time; the tab of the address is shown, or else the first. */
export function tabsIn(host, name) {
  const list = element("div", { role: "tablist", class: "tabs", "aria-label": "Parts of the run" });
  const panels = element("div", { class: "tab-panels" });
  const tabs = new Map();
  host.append(list, panels);
  makeRoving(list, "[role=tab]", (key) => ({ ArrowRight: 1, ArrowLeft: -1 })[key]);
  let shown = null;

  function show(key) {
    if (shown === key || !tabs.has(key)) return;
    shown = key;
    for (const [other, { tab, panel }] of tabs) {
      tab.setAttribute("aria-selected", String(other === key));
      tab.tabIndex = other === key ? 0 : -1;
      panel.hidden = other !== key;
    }
    tabs.get(key).tab.scrollIntoView({ block: "nearest", inline: "nearest" });
    tabs.get(key).open();
  }

  function choose(key) {
    if (shown !== key) remember({ tab: key, finding: null });
    show(key);
  }

  /* content: the element of the page's own tab; part: of the report, below it. */
  function add(key, title, { content = null, part = false }) {
    const known = tabs.get(key);
    if (known) return known.extend(part);
    const tab = element("button", { type: "button", role: "tab", id: `tab-${key}`, "aria-controls": `panel-${key}`, "aria-selected": "false", tabindex: -1 }, title);
    const panel = element("div", { role: "tabpanel", id: `panel-${key}`, "aria-labelledby": `tab-${key}`, tabindex: 0, hidden: true }, [
      key === "overview" ? null : element("h2", { class: "unseen" }, title), content,
    ]);
    let wanted = part, loaded = false;
    const entry = {
      tab,
      panel,
      extend: (more) => { wanted ||= more; if (shown === key) entry.open(); },
      open: async () => {
        content?.dispatchEvent(new Event("shown"));
        if (!wanted || loaded) return;
        loaded = true;
        loaded = await loadPart(panel, `runs/${encodeURI(name)}/parts/${key}`);
      },
    };
    tab.addEventListener("click", () => choose(key));
    tab.addEventListener("focus", () => choose(key));
    const after = [...tabs.keys()].find((other) => ORDER.indexOf(other) > ORDER.indexOf(key));
    list.insertBefore(tab, after ? tabs.get(after).tab : null);
    panels.insertBefore(panel, after ? tabs.get(after).panel : null);
    tabs.set(key, entry);
    const first = ORDER.find((each) => tabs.has(each));
    const chosen = settings().get("tab");
    if (key === chosen || (!tabs.has(chosen) && key === first)) show(key);
    else if (shown) show(shown);
  }

  panels.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-finding]");
    if (!link) return;
    event.preventDefault();
    const { finding } = link.dataset;
    if (link.closest(".figure-menu")) {
      copyLink({ tab: shown, finding });
      scrollToFinding(panels);
      return;
    }
    const tab = new URLSearchParams(link.hash.split("?")[1]).get("tab");
    remember({ tab, finding });
    show(tab);
    scrollToFinding(tabs.get(tab)?.panel);
  });
  rememberFigures(panels);
  panels.addEventListener(CELL_EVENT, ({ detail }) => {
    detail.examples = examplesOfCell(name, detail.row, detail.column);
  });
  return { add, has: (key) => tabs.has(key) };
}

/* All test examples of a cell of the confusion matrix; null if the server cannot give them. */
async function examplesOfCell(name, row, column) {
  try {
    const { examples } = await request(`api/runs/${encodeURI(name)}/examples?true=${row}&predicted=${column}`);
    return { examples: new Examples(examples), points: [...examples.ids.keys()] };
  } catch {
    return null;
  }
}

/* The parts of a run's report that have findings. */
export async function partsOf(name) {
  return request(`runs/${encodeURI(name)}/parts`);
}
