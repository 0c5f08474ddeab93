/* Points that a panel dims because the projection lost most of their neighbours: on request, all
   panels of the figure show only them, and a list below shows the most distorted ones first. */

/* The share of its neighbours that a point keeps; each share has a letter. */
function neighboursKept({ levels, level_codes: codes }, point) {
  return `${levels[codes.charCodeAt(point) - 97]}\u00a0%`;
}

/* A panel's button shows its dimmed points, and all points when it is clicked again. */
function bindDistorted(scatter) {
  scatter.listedPanel = null;
  scatter.distortedButtons = [...scatter.figure.querySelectorAll(".show-distorted")].map((button) => {
    const panel = [...scatter.figure.querySelectorAll(".projection")].indexOf(button.closest(".projection"));
    button.addEventListener("click", () => listDistorted(scatter, scatter.listedPanel === panel ? null : panel));
    return { button, panel };
  });
  labelDistortedButtons(scatter);
}

/* Hide the buttons of panels without dimmed points, and name the panel in the others' labels. */
function labelDistortedButtons(scatter) {
  scatter.distortedButtons.forEach(({ button, panel }) => {
    button.hidden = !scatter.distortion[panel]?.distorted.includes("1");
    button.setAttribute("aria-label", `Show the points that are dimmed in ${scatter.panelName(panel)}`);
  });
}

/* Show only the dimmed points of a panel, or all points if `panel` is null. */
function listDistorted(scatter, panel) {
  const list = scatter.figure.querySelector(".distorted-points");
  const distortion = panel === null ? null : scatter.distortion[panel];
  const hasPoints = Boolean(distortion?.distorted.includes("1"));
  scatter.listedPanel = panel;
  scatter.distortedButtons.forEach(({ button, panel: own }) =>
    button.setAttribute("aria-pressed", String(own === panel)));
  scatter.subset = hasPoints ? distortedPoints(distortion) : null;
  list.hidden = !hasPoints;
  list.style.setProperty("--list-order", 2 * panel + 1);
  list.replaceChildren(...(hasPoints ? listItems(scatter, distortion, scatter.panelName(panel)) : []));
  scatter.refresh();
}

function distortedPoints({ distorted }) {
  return new Set([...distorted].flatMap((letter, point) => (letter === "1" ? [point] : [])));
}

function listItems(scatter, distortion, name) {
  const points = distortion.most_distorted;
  const total = distortedPoints(distortion).size;
  const heading = total > points.length
    ? `The ${points.length} most distorted of the ${total} dimmed points in ${name}, worst first`
    : `The dimmed points in ${name}, worst first`;
  const items = createElement("ul", "", ...points.map((point) => listItem(scatter, distortion, point)));
  return [createElement("p", "note", heading), items];
}

/* Hovering over or focusing an item rings its point in every panel. */
function listItem(scatter, distortion, point) {
  const { examples } = scatter;
  const className = scatter.chips[scatter.labels[point]].textContent;
  const share = distortion.level_codes
    ? [createElement("span", "secondary", `${neighboursKept(distortion, point)} kept`)] : [];
  const image = examples?.spriteSheet ? [examples.thumbnail(point)] : [];
  const text = examples?.texts.length ? [examples.text(point)] : [];
  const button = createElement("button", "",
    ...image, createElement("span", "", createElement("strong", "", className), ...share), ...text);
  button.type = "button";
  button.title = examples ? `example ${examples.ids[point]}` : `point ${point}`;
  button.addEventListener("pointerenter", () => scatter.select(point));
  button.addEventListener("focus", () => scatter.select(point));
  button.addEventListener("pointerleave", () => scatter.select(null));
  button.addEventListener("blur", () => scatter.select(null));
  const item = createElement("li", "", button);
  item.dataset.point = point;
  return item;
}
