/* Points that a panel dims because it lost most of their neighbours: shown alone in every panel of
   the figure, and listed below them, the most distorted ones first. */

function keptWords(share) {
  return `keeps ${share}\u00a0% of its neighbours here`;
}

/* A panel's button shows its dimmed points, and hides them when it is clicked again. */
function bindDimmed(scatter) {
  const list = scatter.figure.querySelector(".dimmed-list");
  const buttons = [...scatter.figure.querySelectorAll(".list-dimmed")];
  buttons.forEach((button) => {
    const panel = [...scatter.figure.querySelectorAll(".projection")].indexOf(button.closest(".projection"));
    const label = button.closest(".projection").querySelector(".panel-label").textContent;
    button.hidden = false;
    button.setAttribute("aria-label", `Show the points that are dimmed in ${label}`);
    button.addEventListener("click", () => {
      const shown = button.getAttribute("aria-pressed") !== "true";
      buttons.forEach((each) => each.setAttribute("aria-pressed", String(shown && each === button)));
      scatter.only = shown ? dimmedOf(scatter.trust[panel]) : null;
      list.hidden = !shown;
      list.style.setProperty("--after", 2 * panel + 1);
      list.replaceChildren(...(shown ? listOf(scatter, scatter.trust[panel], label) : []));
      scatter.refresh();
    });
  });
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
  const kept = trust.kept ? [make("span", "quieter", `${trust.kept[point]}\u00a0% kept`)] : [];
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
