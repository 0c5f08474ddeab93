/* What the page does besides scatters: theme, copying, sorting, reading values off figures. */

const darkPreferred = matchMedia("(prefers-color-scheme: dark)");
document.getElementById("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const dark = (root.dataset.theme ?? (darkPreferred.matches ? "dark" : "light")) === "dark";
  root.dataset.theme = dark ? "light" : "dark";
  redrawScatters();
});
darkPreferred.addEventListener("change", () => redrawScatters());

function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = make("textarea", "", text);
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
  return Promise.resolve();
}

document.querySelectorAll(".copy").forEach((button) => button.addEventListener("click", () => {
  copy(button.previousElementSibling.textContent).then(
    () => { button.textContent = "Copied"; },
    () => { button.textContent = "Select it"; });
  setTimeout(() => { button.textContent = "Copy"; }, 1600);
}));

/* Click a column's name to sort by it, once more to turn the order round. */
document.querySelectorAll("table.sortable").forEach((table) => {
  const heads = [...table.tHead.rows[0].cells];
  const body = table.tBodies[0];
  heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => {
    const descending = head.getAttribute("aria-sort") !== "descending";
    const sign = descending ? -1 : 1;
    const key = (row) => row.cells[column].dataset.sort;
    const rows = [...body.rows];
    const numeric = rows.every((row) => key(row) === "" || Number.isFinite(Number(key(row))));
    const value = (row) => (key(row) === "" ? -Infinity : Number(key(row)));
    rows.sort((one, two) => sign * (numeric ? value(one) - value(two) || 0 : key(one).localeCompare(key(two))));
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", descending ? "descending" : "ascending");
    body.append(...rows);
  }));
});

/* Read a panel of curves at the x nearest to the pointer. */
document.querySelectorAll(".curve .plot").forEach((plot) => {
  const lines = [...plot.querySelectorAll(".line")].map((line) => ({
    label: line.dataset.label,
    points: JSON.parse(line.dataset.points),
    values: JSON.parse(line.dataset.values),
  }));
  const names = JSON.parse(plot.dataset.words ?? "null");
  const hairline = plot.querySelector(".hairline");
  const leave = () => {
    hairline.hidden = true;
    tip.hide();
  };
  const read = (event) => {
    const rect = plot.getBoundingClientRect();
    const share = (100 * (event.clientX - rect.left)) / rect.width;
    const all = lines.flatMap(({ points, values }) => points.map(([left], i) => [left, values[i][0]]));
    if (!all.length) return;
    const [left, x] = all.reduce((best, next) =>
      Math.abs(next[0] - share) < Math.abs(best[0] - share) ? next : best);
    hairline.style.left = `${left}%`;
    hairline.hidden = false;
    const rows = lines.flatMap(({ label, values }) =>
      values.filter((value) => value[0] === x).map((value) =>
        make("div", "", `${label} ${Number(value[1].toPrecision(4))}`)));
    const here = names
      ? [make("strong", "", names[x] ?? ""), ...rows, make("div", "quieter", `${x + 1} of ${names.length}`)]
      : [make("strong", "", `${plot.dataset.x} ${x}`), ...rows];
    tip.show([make("div", "", ...here)], event.clientX, event.clientY);
  };
  plot.addEventListener("pointermove", read);
  plot.addEventListener("pointerdown", read);
  plot.addEventListener("pointerleave", leave);
});

/* Say what a bar's value is: of the one under the pointer, or of one after the other by keyboard. */
document.querySelectorAll(".chart .plot").forEach((plot) => {
  const lying = plot.parentElement.classList.contains("lying");
  const bars = [...plot.querySelectorAll(".block")];
  const tips = JSON.parse(plot.dataset.tips);
  let here = -1;
  const leave = () => {
    bars[here]?.classList.remove("here");
    here = -1;
    tip.hide();
  };
  const read = (index, x, y) => {
    bars[here]?.classList.remove("here");
    here = Math.max(0, Math.min(bars.length - 1, index));
    bars[here].classList.add("here");
    const [name, ...rest] = tips[here];
    tip.show([make("div", "", make("strong", "", name),
      ...rest.map((line, place) => make("div", place ? "quieter" : "", line)))], x, y);
  };
  const point = ({ clientX, clientY }) => {
    const rect = plot.getBoundingClientRect();
    const share = lying ? (clientY - rect.top) / rect.height : (clientX - rect.left) / rect.width;
    read(Math.floor(share * bars.length), clientX, clientY);
  };
  plot.addEventListener("pointermove", point);
  plot.addEventListener("pointerdown", point);
  plot.addEventListener("pointerleave", leave);
  plot.addEventListener("blur", leave);
  plot.addEventListener("keydown", (event) => {
    const way = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!way) return;
    event.preventDefault();
    const next = here < 0 && way < 0 ? bars.length - 1 : here + way;
    const { right, bottom } = bars[Math.max(0, Math.min(bars.length - 1, next))].getBoundingClientRect();
    read(next, right, bottom);
  });
});

/* Say what a matrix's cell counts, and show its row and column. */
document.querySelectorAll("table.matrix").forEach((table) => {
  const names = [...table.tHead.rows[1].cells];
  const clear = () => {
    table.querySelectorAll(".here").forEach((cell) => cell.classList.remove("here"));
    tip.hide();
  };
  const read = (event) => {
    const cell = event.target.closest("tbody td");
    if (!cell) return clear();
    clear();
    const row = cell.parentElement.cells[0];
    const column = names[cell.cellIndex];
    [cell, row, column].forEach((one) => one.classList.add("here"));
    const { rows, columns, unit, share } = table.dataset;
    tip.show([make("div", "",
      make("strong", "", `${cell.dataset.value ?? cell.textContent} ${unit}`),
      make("div", "", `${rows} ${row.textContent}, ${columns} ${column.textContent}`),
      make("div", "quieter", share && cell.dataset.share ? `${cell.dataset.share}${share}` : ""))],
    event.clientX, event.clientY);
  };
  table.addEventListener("pointerover", read);
  table.addEventListener("click", read);
  table.addEventListener("pointerleave", clear);
});

/* Say what a word's value is: of the one under the pointer, or of one after the other by keyboard. */
document.querySelectorAll(".highlighted-text .words").forEach((text) => {
  const words = [...highlighted-text.querySelectorAll("span")];
  words.forEach((word) => {
    word.dataset.value = word.title;
    word.removeAttribute("title");
  });
  let here = -1;
  const leave = () => {
    words[here]?.classList.remove("here");
    here = -1;
    tip.hide();
  };
  const read = (index, x, y) => {
    words[here]?.classList.remove("here");
    here = index;
    words[here].classList.add("here");
    tip.show([make("div", "", make("strong", "", words[here].textContent),
      make("div", "", words[here].dataset.value))], x, y);
  };
  const point = ({ target, clientX, clientY }) => {
    const index = words.indexOf(target);
    if (index < 0) leave();
    else read(index, clientX, clientY);
  };
  text.addEventListener("pointermove", point);
  text.addEventListener("click", point);
  text.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && leave());
  text.addEventListener("blur", leave);
  text.addEventListener("keydown", (event) => {
    const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key] * (text.dir === "rtl" ? -1 : 1);
    if (!way || !words.length) return;
    event.preventDefault();
    const next = here < 0 && way < 0 ? words.length - 1 : here + way;
    const index = Math.max(0, Math.min(words.length - 1, next));
    words[index].scrollIntoView({ block: "nearest" });
    const { right, bottom } = words[index].getBoundingClientRect();
    read(index, right, bottom);
  });
});

/* Show in the contents which section is being read. */
const links = new Map([...document.querySelectorAll(".contents a")].map((link) =>
  [link.hash.slice(1), link]));
const reading = new IntersectionObserver((entries) => entries.forEach(({ target, isIntersecting }) => {
  const link = links.get(target.id);
  if (!link) return;
  if (isIntersecting) link.setAttribute("aria-current", "true");
  else link.removeAttribute("aria-current");
}), { rootMargin: "-30% 0px -65% 0px" });
document.querySelectorAll("section[id]").forEach((section) => reading.observe(section));
