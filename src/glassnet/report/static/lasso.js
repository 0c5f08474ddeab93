/* Selecting points: draw a line around them with the mouse (after "Select points", or with Shift), or
   press Enter at one after another; a list below the figure shows them, with counts by class. */

const MAX_LISTED = 60;

function bindLasso(scatter) {
  scatter.selectButton = scatter.figure.querySelector(".select-points");
  scatter.selectButton.hidden = false;
  scatter.isLasso = false;
  scatter.selectButton.addEventListener("click", () => {
    scatter.isLasso = !scatter.isLasso;
    scatter.selectButton.setAttribute("aria-pressed", String(scatter.isLasso));
    scatter.figure.classList.toggle("selecting", scatter.isLasso);
  });
}

/* Is a position inside of a line of positions that ends where it starts? */
function isInside({ x, y }, line) {
  let inside = false;
  for (let i = 0, j = line.length - 1; i < line.length; j = i++) {
    const [one, other] = [line[i], line[j]];
    const crosses = (one.y > y) !== (other.y > y);
    if (crosses && x < ((other.x - one.x) * (y - one.y)) / (other.y - one.y) + one.x) inside = !inside;
  }
  return inside;
}

/* Select the shown points of a panel inside of a line. */
function selectInside(panel, line) {
  const { scatter } = panel;
  const points = [...scatter.labels.keys()].filter((point) =>
    scatter.isShown(point) && isInside(panel.pointPosition(point), line));
  scatter.lasso = new Set(points);
  listSelected(scatter);
}

/* Add a point to the selection, or take it out. */
function toggleSelected(scatter, point) {
  if (!scatter.lasso.delete(point)) scatter.lasso.add(point);
  listSelected(scatter);
}

function listSelected(scatter) {
  const list = scatter.figure.querySelector(".selected-points");
  const points = [...scatter.lasso];
  scatter.draw();
  if (!points.length) return showList(list, "", []);
  const { examples } = scatter;
  const wrong = examples?.predicted ? points.filter((point) => examples.isWrong(point)) : [];
  const counts = scatter.chips.map((chip, index) =>
    [chip.textContent, points.filter((point) => scatter.labels[point] === index).length]);
  const classes = counts.filter(([, count]) => count).sort((one, other) => other[1] - one[1])
    .map(([name, count]) => `${count} ${name}`).join(", ");
  const heading = [
    `${points.length} ${points.length === 1 ? "point" : "points"}: ${classes}`,
    examples?.predicted ? `${wrong.length} ${wrong.length === 1 ? "mistake" : "mistakes"}` : "",
    points.length > MAX_LISTED ? `the first ${MAX_LISTED} are shown, mistakes first` : "",
  ].filter(Boolean).join("; ");
  const correct = points.filter((point) => !wrong.includes(point));
  const items = [...wrong, ...correct].slice(0, MAX_LISTED).map((point) => exampleItem(examples, point, {
    name: scatter.chips[scatter.labels[point]].textContent,
    onSelect: (selected) => scatter.select(selected),
  }));
  showList(list, heading, items);
  list.append(closeButton("Clear the selection", () => {
    scatter.lasso.clear();
    listSelected(scatter);
    scatter.selectButton.focus();
  }));
}
