/* Runs compared: their curves in one plot, the paired differences of their results, and below them the same
   test examples side by side, from the page that the comparison has written. */

import { rememberFigures, settings, to } from "./address.js";
import { drawCompared } from "./charts.js";
import { GONE, WAIT_IF_GONE, element, request, showError } from "./dom.js";
import { copyLink, loadPart, scrollToFinding } from "./report_part.js";

const INTERVAL = 1000;
const OWN = ["training", "provenance"]; /* parts that this view shows in its own way, or only the page has */

export function showCompare(main) {
  const names = (settings().get("runs") ?? "").split(",").filter(Boolean);
  const error = element("div", { class: "error", role: "alert", hidden: true });
  const curves = element("div", { class: "curves" });
  const numbers = element("div", {}, element("p", { class: "secondary", role: "status" }, "The test results are being compared."));
  const sideBySide = element("div");
  main.append(
    element("h1", {}, "Compare runs"),
    element("p", { class: "lead" }, names.flatMap((name, place) => [place ? ", " : "", element("a", { href: to(`run/${name}`) }, name)])),
    error,
    element("section", { class: "area" }, [element("h2", {}, "Training"), curves]),
    element("section", { class: "area" }, [element("h2", {}, "Differences"), numbers]),
    sideBySide,
  );
  rememberFigures(sideBySide);
  sideBySide.addEventListener("click", (event) => {
    const link = event.target.closest(".figure-menu a[data-finding]");
    if (!link) return;
    event.preventDefault();
    copyLink({ finding: link.dataset.finding });
    scrollToFinding(sideBySide);
  });
  let isLeft = false;
  let isGone = false;
  const fail = (problem, again) => {
    if (isLeft) return;
    showError(error, problem);
    isGone = problem === GONE;
    if (isGone) setTimeout(again, WAIT_IF_GONE);
  };
  const answered = () => { if (isGone) error.hidden = true; };
  const draw = () => Promise.all(names.map((name) => request(`api/runs/${encodeURI(name)}/curves`)))
    .then((found) => {
      if (isLeft) return;
      answered();
      drawCompared(curves, names.map((name, place) => [name, found[place].epochs]));
    })
    .catch((problem) => fail(problem, draw));
  draw();
  const poll = async () => {
    if (isLeft) return;
    try {
      const found = await request("api/compare", { runs: names });
      if (isLeft) return;
      answered();
      if (found.state === "done") {
        numbers.replaceChildren(...results(found));
        loadPart(sideBySide, found.page, fillWithParts);
      } else {
        numbers.firstElementChild.textContent = `The test results are being compared. ${found.progress}`;
        setTimeout(poll, INTERVAL);
      }
    } catch (problem) {
      if (problem !== GONE) numbers.replaceChildren();
      fail(problem, poll);
    }
  };
  poll();
  return () => { isLeft = true; };
}

/* The parts of a comparison's page, as areas of this view. */
function fillWithParts(box, html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  page.querySelectorAll(".permalink, noscript").forEach((each) => each.remove());
  const parts = [...page.querySelectorAll(".part")].filter(({ id }) => !OWN.some((key) => id.endsWith(`-${key}`)));
  const areas = parts.map((part) => element("section", { class: "area" }, [
    element("h2", { class: "unseen" }, part.querySelector(".part-title").textContent), ...part.querySelectorAll(".fold > section"),
  ]));
  box.replaceChildren(...areas, ...page.querySelectorAll("main > script"));
}

function results(found) {
  const { comparison } = found;
  const rows = comparison.differences.map((each) => {
    const scale = each.unit === "share" ? 100 : 1;
    const text = (value) => String(Number((scale * value).toPrecision(4))).replace(/^-/, "\u2212");
    return [
      each.measure,
      `${each.second} less ${each.first}`,
      `${text(each.first_value)} and ${text(each.second_value)}`,
      `${text(each.difference)} (${text(each.low)} to ${text(each.high)})`,
      `${each.n.toLocaleString("en")}${each.paired ? ", paired" : ""}`,
      each.p_holm < 0.001 ? "< 0.001" : String(Number(each.p_holm.toPrecision(2))),
      each.better ?? "no difference shown",
    ];
  });
  const head = ["measure", "runs", "values", "difference (95 % interval)", "n", "p (Holm)", "better"];
  return [
    element("h3", {}, comparison.title),
    ...comparison.lead.map((sentence) => element("p", {}, sentence)),
    rows.length ? element("div", { class: "table-box", tabindex: 0, role: "region", "aria-label": "Differences" }, element("table", {}, [
      element("thead", {}, element("tr", {}, head.map((name) => element("th", { scope: "col" }, name)))),
      element("tbody", {}, rows.map((row) => element("tr", {}, row.map((cell) => element("td", {}, cell))))),
    ])) : "",
    element("p", { class: "secondary" }, "Differences of shares are in percentage points."),
    element("div", { class: "actions" }, element("a", { class: "action", href: found.page }, "Open the whole comparison as a page")),
    Object.keys(comparison.missing).length ? element("ul", { class: "secondary" }, Object.entries(comparison.missing).map(([what, why]) => element("li", {}, `Not compared: ${what}: ${why}`))) : "",
  ];
}
