/* Commands that can be copied, tables that can be sorted, and menus of figures. */

function copyText(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = createElement("textarea", "", text);
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
  return Promise.resolve();
}

function bindCopy(button) {
  button.addEventListener("click", () => {
    copyText(button.previousElementSibling.textContent).then(
      () => { button.textContent = "Copied"; },
      () => { button.textContent = "Select to copy"; });
    setTimeout(() => { button.textContent = "Copy"; }, 1600);
  });
}

/* Click a column's name to sort by it; click again to reverse the order. */
function makeSortable(table) {
  const headers = [...table.tHead.rows[0].cells];
  const body = table.tBodies[0];
  makeRoving(table.tHead, "button");
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
}

/* A menu closes on Escape, and when something else is clicked or focused. */
function bindMenu(menu) {
  menu.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  menu.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && !menu.contains(relatedTarget)) menu.open = false;
  });
  menu.addEventListener("click", ({ target }) => { if (target.closest("a")) menu.open = false; });
}

document.addEventListener("pointerdown", ({ target }) =>
  document.querySelectorAll(".figure-menu[open]").forEach((menu) => {
    if (!menu.contains(target)) menu.open = false;
  }));
