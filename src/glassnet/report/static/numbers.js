/* The numbers behind a chart and the claims of its sentences as tables, made when they are opened. */

const MAX_ROWS = 500;

const NUMBERS = {
  curves: (figure) => [["panel", "line", figure.querySelector(".plot").dataset.x, "value"],
    [...figure.querySelectorAll(".plot")].flatMap((plot) => {
      const names = JSON.parse(plot.dataset.names ?? "null");
      return linesOf(plot).flatMap(({ label, values }) => values.map(([x, y]) =>
        [plot.dataset.y, label, names ? names[x] ?? x : x, formatNumber(y)]));
    })],
  bars: (figure) => {
    const bars = JSON.parse(figure.querySelector(".plot").dataset.tooltips);
    const names = ["name", "value", "95 % interval", "note"].slice(0, Math.max(...bars.map((bar) => bar.length)));
    return [names, bars.map((bar) => names.map((_, column) => bar[column] ?? ""))];
  },
  scatter: classTable,
  animation: classTable,
  diagram: (figure) => [["layer", "what it does"], [...figure.querySelectorAll(".network.wide .layer")].map((layer) => {
    const [name, ...lines] = [...layer.querySelectorAll("tspan")].map((line) => line.textContent);
    return [name, lines.join(", ")];
  })],
};

/* Points and mistakes by class; the coordinates of all points are in the figure's CSV file. */
function classTable(figure) {
  const scatter = scatterOf(figure.querySelector("[data-scatter]"));
  const { examples, labels } = scatter;
  const hasMistakes = Boolean(examples?.predicted);
  const rows = scatter.chips.map((chip, index) => {
    const points = [...labels.keys()].filter((point) => labels[point] === index);
    return [chip.textContent, points.length,
      ...(hasMistakes ? [points.filter((point) => examples.isWrong(point)).length] : [])];
  });
  return [["class", "points", ...(hasMistakes ? ["mistakes"] : [])], rows];
}

function formatNumber(value) {
  return String(Number(value.toPrecision(6))).replace("-", "\u2212");
}

const CLAIMS = ["claim", "as written", "value", "95\u00a0% interval", "n", "split"];

function tableOf([names, rows]) {
  const cells = (tag, values) => values.map((value) => createElement(tag, "", String(value)));
  const head = createElement("tr", "", ...cells("th", names));
  head.querySelectorAll("th").forEach((cell) => { cell.scope = "col"; });
  const body = rows.slice(0, MAX_ROWS).map((row) => createElement("tr", "", ...cells("th", row.slice(0, 1)), ...cells("td", row.slice(1))));
  body.forEach((row) => { row.cells[0].scope = "row"; });
  const table = createElement("table", "claims",
    createElement("thead", "", head), createElement("tbody", "", ...body));
  const left = rows.length - MAX_ROWS;
  return [table, ...(left > 0 ? [createElement("p", "note", `${left} more rows are in the CSV file`)] : [])];
}

/* Put a table into a `details` when it is first opened, below its summary. */
function fillWhenOpened(details, label, table) {
  details.addEventListener("toggle", () => {
    if (!details.open || details.querySelector("table")) return;
    const scroller = createElement("div", "scroller tall", ...tableOf(table()));
    scroller.setAttribute("role", "group");
    scroller.setAttribute("aria-label", label);
    details.querySelector("summary").after(scroller);
    stopWhereItScrolls(scroller);
  });
}

function bindNumbers(details) {
  details.hidden = false;
  const figure = details.closest("figure");
  const kind = Object.keys(NUMBERS).find((each) => figure.classList.contains(each));
  fillWhenOpened(details, "Numbers", () => NUMBERS[kind](figure));
}

function bindClaims(script) {
  fillWhenOpened(script.parentElement, "Numbers and their provenance", () => [CLAIMS, jsonOf(script)]);
}
