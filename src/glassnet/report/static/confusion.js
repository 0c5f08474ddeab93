/* Confusion matrices: click a cell, or press Enter in it, and its examples are shown below. */

/* An event with a row and a column: a script that has more examples than the page sets `detail.examples` to
   a promise of `{ examples, points }`, or of null. */
const CELL_EVENT = "confusion-cell";

function bindConfusion(table) {
  const figure = table.closest("figure");
  const rows = [...table.tBodies[0].rows];
  const columns = [...table.tHead.rows[1].cells].slice(1).map((cell) => cell.textContent);
  table.setAttribute("role", "grid");
  const cells = rows.map((row) => [...row.querySelectorAll("td")]);
  const focus = (row, column) => {
    const cell = cells[Math.max(0, Math.min(cells.length - 1, row))]?.[Math.max(0, Math.min(columns.length - 1, column))];
    table.querySelector("td[tabindex='0']")?.setAttribute("tabindex", "-1");
    cell.tabIndex = 0;
    return cell;
  };
  cells.flat().forEach((cell) => { cell.tabIndex = -1; });
  focus(0, 0);
  const place = (cell) => {
    const row = cells.findIndex((each) => each.includes(cell));
    return [row, row < 0 ? -1 : cells[row].indexOf(cell)];
  };
  const open = (cell) => {
    const [row, column] = place(cell);
    if (row < 0) return;
    focus(row, column);
    showCell(figure, table, cell, row, column, columns);
  };
  table.addEventListener("click", (event) => open(event.target.closest("tbody td")));
  table.addEventListener("keydown", (event) => {
    const [row, column] = place(event.target);
    if (row < 0) return;
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (step) focus(row + step[0], column + step[1]).focus();
    else if (["Enter", " "].includes(event.key)) open(event.target);
    else return;
    event.preventDefault();
  });
}

async function showCell(figure, table, cell, row, column, names) {
  const list = figure.querySelector(".cell-examples");
  const total = Number(cell.textContent.replaceAll(",", ""));
  const title = `${table.dataset.rows} ${names[row]}, ${table.dataset.columns} ${names[column]}`;
  const request = new CustomEvent(CELL_EVENT, { bubbles: true, detail: { row, column, examples: null } });
  figure.dispatchEvent(request);
  const inPage = () => examplesOfCell(loadExamples(table.dataset.examples), row, column);
  const { examples, points } = await (request.detail.examples ?? null) ?? inPage();
  const shown = points.slice(0, MAX_LISTED);
  const heading = shown.length ? `${title}: ${shown.length} of ${total}`
    : total ? `${title}: ${total}, none of them among the examples that are stored` : `${title}: none`;
  showList(list, heading, shown.map((point) => exampleItem(examples, point, { name: names[row] })));
  list.append(closeButton("Close", () => {
    showList(list, "", []);
    cell.focus();
  }));
}

/* The examples in the page that have these true and predicted classes. */
function examplesOfCell(examples, row, column) {
  const points = !examples?.predicted ? [] : [...examples.labels.keys()].filter((point) =>
    examples.labels[point] === row && examples.predicted[point] === column);
  return { examples, points };
}
