/* The page itself: theme, copy buttons, sortable tables and the table of contents. */

const prefersDark = matchMedia("(prefers-color-scheme: dark)");
document.getElementById("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const isDark = (root.dataset.theme ?? (prefersDark.matches ? "dark" : "light")) === "dark";
  root.dataset.theme = isDark ? "light" : "dark";
  redrawScatters();
});
prefersDark.addEventListener("change", () => redrawScatters());

function copyText(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = createElement("textarea", "", text);
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
  return Promise.resolve();
}

document.querySelectorAll(".copy").forEach((button) => button.addEventListener("click", () => {
  copyText(button.previousElementSibling.textContent).then(
    () => { button.textContent = "Copied"; },
    () => { button.textContent = "Select to copy"; });
  setTimeout(() => { button.textContent = "Copy"; }, 1600);
}));

/* Click a column's name to sort by it; click again to reverse the order. */
document.querySelectorAll("table.sortable").forEach((table) => {
  const headers = [...table.tHead.rows[0].cells];
  const body = table.tBodies[0];
  headers.forEach((header, column) => header.querySelector("button").addEventListener("click", () => {
    const descending = header.getAttribute("aria-sort") !== "descending";
    const sign = descending ? -1 : 1;
    const key = (row) => row.cells[column].dataset.sort;
    const rows = [...body.rows];
    const numeric = rows.every((row) => key(row) === "" || Number.isFinite(Number(key(row))));
    const value = (row) => (key(row) === "" ? -Infinity : Number(key(row)));
    const compare = numeric
      ? (one, other) => value(one) - value(other) || 0
      : (one, other) => key(one).localeCompare(key(other));
    rows.sort((one, other) => sign * compare(one, other));
    headers.forEach((other) => other.removeAttribute("aria-sort"));
    header.setAttribute("aria-sort", descending ? "descending" : "ascending");
    body.append(...rows);
  }));
});

/* Mark the section that is in view in the table of contents. */
const contentsLinks = new Map([...document.querySelectorAll(".contents a")].map((link) =>
  [link.hash.slice(1), link]));
const sectionObserver = new IntersectionObserver((entries) => entries.forEach(({ target, isIntersecting }) => {
  const link = contentsLinks.get(target.id);
  if (!link) return;
  if (isIntersecting) link.setAttribute("aria-current", "true");
  else link.removeAttribute("aria-current");
}), { rootMargin: "-30% 0px -65% 0px" });
document.querySelectorAll("section[id]").forEach((section) => sectionObserver.observe(section));
