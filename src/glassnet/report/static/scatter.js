/* Scatter plots on canvas: the panels of a figure share their points, so that a point that is
   selected in one panel is ringed in all of them. */

const PRINT_SCALE = 3;
/* Pixels of a canvas per CSS pixel, in print. */

class Scatter {
  constructor(figure, root) {
    this.figure = figure;
    this.root = root;
    this.requested = requestedState(root);
    const data = JSON.parse(document.getElementById(root.dataset.scatter).textContent);
    this.examples = this.examplesFor(data, root);
    this.labels = decodeUint16(data.labels);
    this.slots = data.slots;
    this.shapes = data.shapes;
    this.hiddenClasses = new Set(numbersIn(this.requested.hidden).filter((each) => each < this.slots.length));
    this.highlightedClass = null;
    this.selected = null;
    this.onlyWrong = false;
    this.subset = null;
    this.lasso = new Set();
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
      chip.addEventListener("click", (event) =>
        (event.shiftKey ? this.isolateClass(classIndex) : this.toggleClass(classIndex)));
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
    bindLasso(this);
    this.pressChips();
  }

  bindMistakes(button) {
    const count = this.examples ? this.examples.ids.filter((_, i) => this.examples.isWrong(i)).length : 0;
    if (!count) return;
    button.hidden = false;
    button.textContent = count === 1 ? "Only the one mistake" : `Only the ${count} mistakes`;
    const press = (isPressed) => {
      this.onlyWrong = isPressed;
      button.setAttribute("aria-pressed", String(isPressed));
    };
    press(this.requested.mistakes === "only");
    button.addEventListener("click", () => {
      press(!this.onlyWrong);
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

  pressChips() {
    this.chips.forEach((chip, classIndex) =>
      chip.setAttribute("aria-pressed", String(!this.hiddenClasses.has(classIndex))));
    this.allClasses.hidden = this.hiddenClasses.size === 0;
  }

  refresh() {
    this.pressChips();
    this.select(null);
    tooltip.hide();
    this.tell();
  }

  get state() {
    return {
      hidden: [...this.hiddenClasses].sort((one, other) => one - other).join("-") || null,
      mistakes: this.onlyWrong ? "only" : null,
    };
  }

  tell() {
    tellState(this.root, () => this.state);
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

/* Whole numbers between hyphens. */
function numbersIn(text = "") {
  return text.split("-").filter((each) => /^\d+$/.test(each)).map(Number);
}

const figures = new Map();
const roots = () => [...document.querySelectorAll("[data-scatter]")];

/* The figure of an element; it is made on first use. */
function scatterOf(root) {
  const type = "animated" in root.dataset ? AnimatedScatter : Scatter;
  if (!figures.has(root)) figures.set(root, new type(root.closest("figure"), root));
  return figures.get(root);
}

/* Figures are made when they come near the window. */
const visibilityObserver = new IntersectionObserver(
  (entries) => entries.filter((entry) => entry.isIntersecting).forEach(({ target }) => {
    visibilityObserver.unobserve(target);
    scatterOf(target).draw();
    sizeObserver.observe(target);
  }), { rootMargin: "600px" });
const sizeObserver = new ResizeObserver((entries) =>
  entries.forEach(({ target }) => scatterOf(target).draw()));

function redrawScatters(scale) {
  figures.forEach((scatter, root) => (root.isConnected ? scatter.draw(scale) : figures.delete(root)));
}

onPrint(() => {
  document.documentElement.setAttribute("data-printing", "");
  roots().forEach(scatterOf);
  redrawScatters(PRINT_SCALE);
}, () => {
  document.documentElement.removeAttribute("data-printing");
  redrawScatters();
});

/* Canvases do not follow the theme by themselves. */
new MutationObserver(() => redrawScatters()).observe(
  document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => redrawScatters());
