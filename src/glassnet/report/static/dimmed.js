/* Points that a panel dims because it lost most of their neighbours: shown alone in every panel of
   the figure, and listed below them, the most distorted ones first. */

/* How many of its neighbours a point keeps: each share has a letter. */
function keptShare({ levels, kept }, point) {
  return `${levels[kept.charCodeAt(point) - 97]}\u00a0%`;
}

/* A panel's button shows its dimmed points, and hides them when it is clicked again. */
function bindDimmed(scatter) {
  scatter.listed = null;
  scatter.lists = [...scatter.figure.querySelectorAll(".list-dimmed")].map((button) => {
    const panel = [...scatter.figure.querySelectorAll(".projection")].indexOf(button.closest(".projection"));
    button.addEventListener("click", () => listDimmed(scatter, scatter.listed === panel ? null : panel));
    return { button, panel };
  });
  nameLists(scatter);
}

/* Buttons say whose points they show; where none is dimmed there is nothing to show. */
function nameLists(scatter) {
  scatter.lists.forEach(({ button, panel }) => {
    button.hidden = !scatter.trust[panel]?.dimmed.includes("1");
    button.setAttribute("aria-label", `Show the points that are dimmed in ${scatter.nameOf(panel)}`);
  });
}

/* Show the dimmed points of a panel, given its number, or, given none, all points. */
function listDimmed(scatter, panel) {
  const list = scatter.figure.querySelector(".dimmed-list");
  const trust = panel === null ? null : scatter.trust[panel];
  const some = Boolean(trust?.dimmed.includes("1"));
  scatter.listed = panel;
  scatter.lists.forEach(({ button, panel: own }) => button.setAttribute("aria-pressed", String(own === panel)));
  scatter.only = some ? dimmedOf(trust) : null;
  list.hidden = !some;
  list.style.setProperty("--after", 2 * panel + 1);
  list.replaceChildren(...(some ? listOf(scatter, trust, scatter.nameOf(panel)) : []));
  scatter.refresh();
}

function dimmedOf(trust) {
  const points = [...trust.dimmed].flatMap((letter, point) => (letter === "1" ? [point] : []));
  return new Set(points);
}

function listOf(scatter, trust, label) {
  const { listed } = trust;
  const all = dimmedOf(trust).size;
  const words = all > listed.length
    ? `The ${listed.length} of ${all} points that ${label} distorts most, the most distorted first`
    : `The points that ${label} distorts, the most distorted first`;
  const items = make("ul", "", ...listed.map((point) => itemOf(scatter, trust, point)));
  return [make("p", "note", words), items];
}

/* Whoever points at an entry, or comes to it by keyboard, sees it ringed in every panel. */
function itemOf(scatter, trust, point) {
  const { examples } = scatter;
  const name = scatter.chips[scatter.labels[point]].textContent;
  const known = examples ? `example ${examples.ids[point]}` : `point ${point}`;
  const kept = trust.kept ? [make("span", "quieter", `${keptShare(trust, point)} kept`)] : [];
  const seen = examples?.sheet ? [examples.picture(point)] : [];
  const text = examples?.texts.length ? [examples.text(point)] : [];
  const button = make("button", "", ...seen, make("span", "", make("strong", "", name), ...kept), ...text);
  button.type = "button";
  button.title = known;
  button.addEventListener("pointerenter", () => scatter.choose(point));
  button.addEventListener("focus", () => scatter.choose(point));
  button.addEventListener("pointerleave", () => scatter.choose(null));
  button.addEventListener("blur", () => scatter.choose(null));
  const item = make("li", "", button);
  item.dataset.point = point;
  return item;
}
