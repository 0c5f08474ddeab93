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
    button.querySelector(".unseen").textContent = `(the points that are dimmed in ${scatter.panelName(panel)})`;
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
  list.style.setProperty("--list-order", 2 * panel + 1);
  if (hasPoints) listPoints(scatter, list, distortion, scatter.panelName(panel));
  else showList(list, "", []);
  scatter.refresh();
}

function distortedPoints({ distorted }) {
  return new Set([...distorted].flatMap((letter, point) => (letter === "1" ? [point] : [])));
}

function listPoints(scatter, list, distortion, name) {
  const points = distortion.most_distorted;
  const total = distortedPoints(distortion).size;
  const heading = total > points.length
    ? `The ${points.length} most distorted of the ${total} dimmed points in ${name}, worst first`
    : `The dimmed points in ${name}, worst first`;
  showList(list, heading, points.map((point) => exampleItem(scatter.examples, point, {
    name: scatter.chips[scatter.labels[point]].textContent,
    notes: distortion.level_codes ? [`${neighboursKept(distortion, point)} kept`] : [],
    onSelect: (selected) => scatter.select(selected),
  })));
}
