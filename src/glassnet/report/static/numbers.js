/* The numbers behind a chart as a table, made when it is opened. */

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

function tableOf([names, rows]) {
  const cells = (tag, values) => values.map((value) => createElement(tag, "", String(value)));
  const head = createElement("tr", "", ...cells("th", names));
  head.querySelectorAll("th").forEach((cell) => { cell.scope = "col"; });
  const body = rows.slice(0, MAX_ROWS).map((row) => createElement("tr", "", ...cells("td", row)));
  const table = createElement("table", "claims",
    createElement("thead", "", head), createElement("tbody", "", ...body));
  const left = rows.length - MAX_ROWS;
  return [table, ...(left > 0 ? [createElement("p", "note", `${left} more rows are in the CSV file`)] : [])];
}

function bindNumbers(details) {
  details.hidden = false;
  details.addEventListener("toggle", () => {
    if (!details.open || details.querySelector("table")) return;
    const figure = details.closest("figure");
    const kind = Object.keys(NUMBERS).find((each) => figure.classList.contains(each));
    const scroller = createElement("div", "scroller tall", ...tableOf(NUMBERS[kind](figure)));
    scroller.setAttribute("role", "group");
    scroller.setAttribute("aria-label", "Numbers");
    details.append(scroller);
    stopWhereItScrolls(scroller);
  });
}
