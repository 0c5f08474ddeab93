/* Scatter plots on canvas: the panels of a figure share their points, so that a point that is
   selected in one panel is ringed in all of them. */

class Scatter {
  constructor(figure, root) {
    this.figure = figure;
    const data = JSON.parse(document.getElementById(root.dataset.scatter).textContent);
    this.examples = this.examplesFor(data, root);
    this.labels = decodeUint16(data.labels);
    this.slots = data.slots;
    this.shapes = data.shapes;
    this.hiddenClasses = new Set();
    this.highlightedClass = null;
    this.selected = null;
    this.onlyWrong = false;
    this.subset = null;
    this.distortion = data.distortion ?? [];
    this.passes = this.shuffleIntoPasses(cssNumber("--point-passes"));
    const areas = [...root.querySelectorAll(".plot-area")];
    this.panels = areas.map((area, index) => new Panel(this, area, this.pointsFor(data, area, index)));
    this.bindControls();
  }

  examplesFor(data, root) {
    return loadExamples(root.dataset.examples);
  }

  pointsFor(data, area, index) {
    return decodeUint16(data.panels[index]);
  }

  /* Indices of points by pass and class, in a shuffled order that is always the same. */
  shuffleIntoPasses(count) {
    const order = Array.from(this.labels.keys());
    let state = 1;
    for (let i = order.length - 1; i > 0; i--) {
      state = (state * 48271) % 2147483647;
      const j = state % (i + 1);
      [order[i], order[j]] = [order[j], order[i]];
    }
    const passes = Array.from({ length: count }, () => this.slots.map(() => []));
    order.forEach((point, position) => passes[position % count][this.labels[point]].push(point));
    return passes;
  }

  bindControls() {
    this.chips = [...this.figure.querySelectorAll(".chip")];
    this.allClasses = this.figure.querySelector(".all-classes");
    this.chips.forEach((chip, classIndex) => {
      chip.addEventListener("click", () => this.toggleClass(classIndex));
      chip.addEventListener("dblclick", () => this.isolateClass(classIndex));
      chip.addEventListener("pointerenter", (event) =>
        event.pointerType === "mouse" && this.highlightClass(classIndex));
      chip.addEventListener("pointerleave", () => this.highlightClass(null));
    });
    this.allClasses.addEventListener("click", () => {
      this.hiddenClasses.clear();
      this.refresh();
    });
    this.bindMistakes(this.figure.querySelector(".only-wrong"));
    bindDistorted(this);
  }

  bindMistakes(button) {
    const count = this.examples ? this.examples.ids.filter((_, i) => this.examples.isWrong(i)).length : 0;
    if (!count) return;
    button.hidden = false;
    button.textContent = count === 1 ? "Only the one mistake" : `Only the ${count} mistakes`;
    button.addEventListener("click", () => {
      this.onlyWrong = !this.onlyWrong;
      button.setAttribute("aria-pressed", String(this.onlyWrong));
      this.refresh();
    });
  }

  toggleClass(classIndex) {
    if (!this.hiddenClasses.delete(classIndex)) this.hiddenClasses.add(classIndex);
    this.refresh();
  }

  isolateClass(classIndex) {
    this.hiddenClasses = new Set(this.slots.keys());
    this.hiddenClasses.delete(classIndex);
    this.refresh();
  }

  highlightClass(classIndex) {
    this.highlightedClass = classIndex;
    this.draw();
  }

  refresh() {
    this.chips.forEach((chip, classIndex) =>
      chip.setAttribute("aria-pressed", String(!this.hiddenClasses.has(classIndex))));
    this.allClasses.hidden = this.hiddenClasses.size === 0;
    this.select(null);
    tooltip.hide();
  }

  /* Can this point be selected? */
  isShown(point) {
    return !this.hiddenClasses.has(this.labels[point]) &&
      (!this.onlyWrong || this.examples.isWrong(point)) && (!this.subset || this.subset.has(point));
  }

  /* The title of a panel. */
  panelName(panel) {
    return this.panels[panel].area.closest(".projection").querySelector(".panel-label").textContent;
  }

  select(point) {
    this.selected = point;
    this.draw();
  }

  describe(point, panel) {
    const parts = this.examples ? this.examples.describe(point)
      : [createElement("div", "", createElement("strong", "", this.chips[this.labels[point]].textContent))];
    const distortion = panel && this.distortion[this.panels.indexOf(panel)];
    if (distortion?.level_codes) {
      const kept = neighboursKept(distortion, point);
      parts.at(-1).append(createElement("div", "secondary", `keeps ${kept} of its neighbours here`));
    }
    return parts;
  }

  draw(scale) {
    const muted = cssVariable("--muted");
    const style = {
      ink: cssVariable("--ink"),
      muted,
      colours: this.slots.map((slot) => (slot < 0 ? muted : cssVariable(`--class-${slot}`))),
      opacity: cssNumber("--point-opacity"),
      dimmedOpacity: cssNumber("--dimmed-opacity"),
      faintOpacity: cssNumber("--faint-opacity"),
      ringGap: cssNumber("--ring-gap"),
      ringWidth: cssNumber("--ring-width"),
      classCount: cssNumber("--class-count"),
    };
    this.panels.forEach((panel) => panel.draw(style, scale));
  }
}

const figures = new Map();

/* Figures near the window are created first, the others in idle time, or at once before printing. */
function scatterOf(root) {
  const type = "animated" in root.dataset ? AnimatedScatter : Scatter;
  if (!figures.has(root)) figures.set(root, new type(root.closest("figure"), root));
  return figures.get(root);
}

const roots = [...document.querySelectorAll("[data-scatter]")];
const visibilityObserver = new IntersectionObserver(
  (entries) => entries.filter((entry) => entry.isIntersecting).forEach(({ target }) => {
    visibilityObserver.unobserve(target);
    scatterOf(target).draw();
    sizeObserver.observe(target);
  }), { rootMargin: "600px" });
const sizeObserver = new ResizeObserver((entries) =>
  entries.forEach(({ target }) => scatterOf(target).draw()));
roots.forEach((root) => visibilityObserver.observe(root));

/* Create the others one at a time when the browser is idle, for screenshots of the whole page. */
const whenIdle = window.requestIdleCallback ?? ((callback) => setTimeout(callback, 200));
function drawNextWhenIdle() {
  const root = roots.find((candidate) => !figures.has(candidate));
  if (!root) return;
  visibilityObserver.unobserve(root);
  scatterOf(root).draw();
  sizeObserver.observe(root);
  whenIdle(drawNextWhenIdle);
}
whenIdle(drawNextWhenIdle);

function redrawScatters(scale) {
  figures.forEach((scatter) => scatter.draw(scale));
}

function drawForPrint() {
  document.documentElement.setAttribute("data-printing", "");
  roots.forEach(scatterOf);
  redrawScatters(3);
}

function drawForScreen() {
  document.documentElement.removeAttribute("data-printing");
  redrawScatters();
}

addEventListener("beforeprint", drawForPrint);
addEventListener("afterprint", drawForScreen);
matchMedia("print").addEventListener("change", ({ matches }) =>
  matches ? drawForPrint() : drawForScreen());
