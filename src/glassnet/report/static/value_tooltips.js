/* Tooltips with the values of line charts, bar charts, heatmaps and highlighted texts. */

/* Elements of a figure, one of which is active: that under the pointer or the keyboard's. */
class ActiveElement {
  constructor(elements) {
    this.elements = elements;
    this.index = -1;
  }

  /* The index that is `step` elements away, within the range of elements. */
  next(step) {
    const { length } = this.elements;
    const next = this.index < 0 && step < 0 ? length - 1 : this.index + step;
    return Math.max(0, Math.min(length - 1, next));
  }

  activate(index) {
    this.elements[this.index]?.classList.remove("active");
    this.index = index;
    this.elements[index].classList.add("active");
    return this.elements[index];
  }

  clear() {
    this.elements[this.index]?.classList.remove("active");
    this.index = -1;
    tooltip.hide();
  }
}

/* The lines of a chart: label, points in per cent of the chart, and values. */
function linesOf(plot) {
  return [...plot.querySelectorAll(".line")].map((line) => ({
    label: line.dataset.label,
    points: JSON.parse(line.dataset.points),
    values: JSON.parse(line.dataset.values),
  }));
}

/* Line charts: show the values at the x nearest to the pointer. */
function showCurveValues(plot) {
  let lines = null;
  const names = JSON.parse(plot.dataset.names ?? "null");
  const cursorLine = plot.querySelector(".cursor-line");
  const leave = () => {
    cursorLine.hidden = true;
    tooltip.hide();
  };
  const show = (event) => {
    lines ??= linesOf(plot);
    const rect = plot.getBoundingClientRect();
    const position = (100 * (event.clientX - rect.left)) / rect.width;
    const all = lines.flatMap(({ points, values }) => points.map(([left], i) => [left, values[i][0]]));
    if (!all.length) return;
    const [left, x] = all.reduce((nearest, next) =>
      Math.abs(next[0] - position) < Math.abs(nearest[0] - position) ? next : nearest);
    cursorLine.style.left = `${left}%`;
    cursorLine.hidden = false;
    const rows = lines.flatMap(({ label, values }) =>
      values.filter((value) => value[0] === x).map((value) =>
        createElement("div", "", `${label} ${String(Number(value[1].toPrecision(4))).replace("-", "\u2212")}`)));
    const title = createElement("strong", "", names ? names[x] ?? "" : `${plot.dataset.x} ${x}`);
    const count = names ? [createElement("div", "secondary", `${x + 1} of ${names.length}`)] : [];
    tooltip.show([createElement("div", "", title, ...rows, ...count)], event.clientX, event.clientY);
  };
  plot.addEventListener("pointermove", show);
  plot.addEventListener("pointerdown", show);
  plot.addEventListener("pointerleave", leave);
}

/* Bar charts: show the value of the bar under the pointer, or of one after another by keyboard. */
function showBarValues(plot) {
  const horizontal = plot.parentElement.classList.contains("horizontal");
  const bars = new ActiveElement([...plot.querySelectorAll(".bar")]);
  const tooltips = JSON.parse(plot.dataset.tooltips);
  const show = (index, x, y) => {
    bars.activate(index);
    const [name, ...lines] = tooltips[index];
    tooltip.show([createElement("div", "", createElement("strong", "", name),
      ...lines.map((line, i) => createElement("div", i ? "secondary" : "", line)))], x, y);
  };
  const point = ({ clientX, clientY }) => {
    const rect = plot.getBoundingClientRect();
    const fraction = horizontal ? (clientY - rect.top) / rect.height : (clientX - rect.left) / rect.width;
    const count = bars.elements.length;
    show(Math.max(0, Math.min(count - 1, Math.floor(fraction * count))), clientX, clientY);
  };
  plot.addEventListener("pointermove", point);
  plot.addEventListener("pointerdown", point);
  plot.addEventListener("pointerleave", () => bars.clear());
  plot.addEventListener("blur", () => bars.clear());
  plot.addEventListener("keydown", (event) => {
    const direction = arrowDirection(event.key);
    if (!direction) return;
    event.preventDefault();
    const next = bars.next(direction);
    const { right, bottom } = bars.elements[next].getBoundingClientRect();
    show(next, right, bottom);
  });
}

/* Heatmaps: show the value of a cell, and mark its row and column. */
function showCellValues(table) {
  const names = [...table.tHead.rows[1].cells];
  const clear = () => {
    table.querySelectorAll(".active").forEach((cell) => cell.classList.remove("active"));
    tooltip.hide();
  };
  const show = (event) => {
    const cell = event.target.closest("tbody td");
    clear();
    if (!cell) return;
    const row = cell.parentElement.cells[0];
    const column = names[cell.cellIndex];
    [cell, row, column].forEach((element) => element.classList.add("active"));
    const { rows, columns, unit, share } = table.dataset;
    tooltip.show([createElement("div", "",
      createElement("strong", "", `${cell.dataset.value ?? cell.textContent} ${unit}`),
      createElement("div", "", `${rows} ${row.textContent}, ${columns} ${column.textContent}`),
      createElement("div", "secondary", share && cell.dataset.share ? `${cell.dataset.share}${share}` : ""))],
    event.clientX ?? cell.getBoundingClientRect().right, event.clientY ?? cell.getBoundingClientRect().bottom);
  };
  table.addEventListener("pointerover", show);
  table.addEventListener("click", show);
  table.addEventListener("focusin", show);
  table.addEventListener("focusout", clear);
  table.addEventListener("pointerleave", clear);
}

/* Highlighted texts: show the value of the word under the pointer, or of one after another by keyboard. */
function showWordValues(text) {
  const words = new ActiveElement([...text.querySelectorAll("span")]);
  words.elements.forEach((word) => {
    word.dataset.value = word.title;
    word.removeAttribute("title");
  });
  const show = (index, x, y) => {
    const word = words.activate(index);
    tooltip.show([createElement("div", "", createElement("strong", "", word.textContent),
      createElement("div", "", word.dataset.value))], x, y);
  };
  const point = ({ target, clientX, clientY }) => {
    const index = words.elements.indexOf(target);
    if (index < 0) words.clear();
    else show(index, clientX, clientY);
  };
  text.addEventListener("pointermove", point);
  text.addEventListener("click", point);
  text.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && words.clear());
  text.addEventListener("blur", () => words.clear());
  text.addEventListener("keydown", (event) => {
    const direction = { ArrowRight: 1, ArrowLeft: -1 }[event.key] * (text.dir === "rtl" ? -1 : 1);
    if (!direction || !words.elements.length) return;
    event.preventDefault();
    const next = words.next(direction);
    words.elements[next].scrollIntoView({ block: "nearest" });
    const { right, bottom } = words.elements[next].getBoundingClientRect();
    show(next, right, bottom);
  });
}
