/* Scatter plots on canvas: the panels of a figure share their points, so that whatever is pointed
   at in one panel is ringed in all of them. */

const PASSES = 8;

class Scatter {
  constructor(figure, root) {
    this.figure = figure;
    const data = JSON.parse(document.getElementById(root.dataset.scatter).textContent);
    this.examples = this.examplesFor(data, root);
    this.labels = numbers(data.labels);
    this.slots = data.slots;
    this.hidden = new Set();
    this.lit = null;
    this.chosen = null;
    this.onlyWrong = false;
    this.only = null;
    this.trust = data.trust ?? [];
    this.passes = this.arrange();
    const fields = [...root.querySelectorAll(".field")];
    this.panels = fields.map((field, index) => new Panel(this, field, this.pointsFor(data, field, index)));
    this.bindControls();
  }

  examplesFor(data, root) {
    return examplesOf(root.dataset.examples);
  }

  pointsFor(data, field, index) {
    return numbers(data.panels[index]);
  }

  /* Point numbers by pass and class, in a shuffled order that is always the same. */
  arrange() {
    const order = Array.from(this.labels.keys());
    let state = 1;
    for (let i = order.length - 1; i > 0; i--) {
      state = (state * 48271) % 2147483647;
      const j = state % (i + 1);
      [order[i], order[j]] = [order[j], order[i]];
    }
    const passes = Array.from({ length: PASSES }, () => this.slots.map(() => []));
    order.forEach((point, place) => passes[place % PASSES][this.labels[point]].push(point));
    return passes;
  }

  bindControls() {
    this.chips = [...this.figure.querySelectorAll(".chip")];
    this.all = this.figure.querySelector(".all-classes");
    const wrong = this.figure.querySelector(".only-wrong");
    this.chips.forEach((chip, number) => {
      chip.addEventListener("click", () => this.toggle(number));
      chip.addEventListener("dblclick", () => this.isolate(number));
      chip.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && this.light(number));
      chip.addEventListener("pointerleave", () => this.light(null));
    });
    this.all.addEventListener("click", () => {
      this.hidden.clear();
      this.refresh();
    });
    const count = this.examples ? this.examples.ids.filter((_, i) => this.examples.isWrong(i)).length : 0;
    if (count) {
      wrong.hidden = false;
      wrong.textContent = count === 1 ? "Only the one mistake" : `Only the ${count} mistakes`;
      wrong.addEventListener("click", () => {
        this.onlyWrong = !this.onlyWrong;
        wrong.setAttribute("aria-pressed", String(this.onlyWrong));
        this.refresh();
      });
    }
    bindDimmed(this);
  }

  toggle(number) {
    if (!this.hidden.delete(number)) this.hidden.add(number);
    this.refresh();
  }

  isolate(number) {
    this.hidden = new Set(this.slots.keys());
    this.hidden.delete(number);
    this.refresh();
  }

  light(number) {
    this.lit = number;
    this.draw();
  }

  refresh() {
    this.chips.forEach((chip, number) =>
      chip.setAttribute("aria-pressed", String(!this.hidden.has(number))));
    this.all.hidden = this.hidden.size === 0;
    this.choose(null);
    tip.hide();
  }

  /* Can this point be pointed at? */
  isShown(point) {
    return !this.hidden.has(this.labels[point]) &&
      (!this.onlyWrong || this.examples.isWrong(point)) && (!this.only || this.only.has(point));
  }

  /* What a panel shows, in words. */
  nameOf(panel) {
    return this.panels[panel].field.closest(".projection").querySelector(".panel-label").textContent;
  }

  choose(point) {
    this.chosen = point;
    this.draw();
  }

  describe(point, panel) {
    const parts = this.examples ? this.examples.describe(point)
      : [make("div", "", make("strong", "", this.chips[this.labels[point]].textContent))];
    const trust = panel && this.trust[this.panels.indexOf(panel)];
    if (trust?.kept) parts.at(-1).append(make("div", "quieter", `keeps ${keptShare(trust, point)} of its neighbours here`));
    return parts;
  }

  draw(scale) {
    const style = getComputedStyle(document.documentElement);
    const read = (name) => style.getPropertyValue(name).trim();
    const muted = read("--muted");
    const colours = this.slots.map((slot) => (slot < 0 ? muted : read(`--class-${slot}`)));
    this.panels.forEach((panel) => panel.draw(colours, read("--ink"), muted, scale));
  }
}

class Panel {
  constructor(scatter, field, points) {
    this.scatter = scatter;
    this.points = points;
    this.field = field;
    this.canvas = field.querySelector("canvas");
    this.names = [...field.querySelectorAll(".class-name, .thread")];
    this.places = [...field.querySelectorAll(".class-name")].map((name) => ({
      name, x: parseFloat(name.style.left) / 100, y: parseFloat(name.style.top) / 100,
    }));
    this.view = { x: 0, y: 0, side: 1 };
    this.start = null;
    this.box = make("div", "box");
    this.bind();
  }

  bind() {
    const canvas = this.canvas;
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && this.leave());
    canvas.addEventListener("pointerdown", (event) => {
      if (event.pointerType !== "mouse") return;
      this.start = this.locate(event);
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointerup", (event) => this.release(event));
    canvas.addEventListener("click", (event) => this.point(event, 24));
    canvas.addEventListener("dblclick", () => this.look({ x: 0, y: 0, side: 1 }));
    canvas.addEventListener("keydown", (event) => this.step(event));
    canvas.addEventListener("blur", () => this.leave());
  }

  /* Where an event lies in the panel, in shares of its side. */
  locate(event) {
    const rect = this.canvas.getBoundingClientRect();
    return { x: (event.clientX - rect.left) / rect.width, y: (event.clientY - rect.top) / rect.height };
  }

  /* Where a point lies in the panel, in shares of its side. */
  place(point) {
    return {
      x: (this.points[2 * point] / 65535 - this.view.x) / this.view.side,
      y: (this.points[2 * point + 1] / 65535 - this.view.y) / this.view.side,
    };
  }

  move(event) {
    if (this.start) this.drag(this.locate(event));
    else if (event.pointerType === "mouse") this.point(event, 14);
  }

  leave() {
    tip.hide();
    if (this.scatter.chosen !== null) this.scatter.choose(null);
  }

  drag(here) {
    const side = Math.max(Math.abs(here.x - this.start.x), Math.abs(here.y - this.start.y));
    this.area = {
      x: here.x < this.start.x ? this.start.x - side : this.start.x,
      y: here.y < this.start.y ? this.start.y - side : this.start.y,
      side,
    };
    this.field.append(this.box);
    Object.assign(this.box.style, {
      left: `${100 * this.area.x}%`, top: `${100 * this.area.y}%`,
      width: `${100 * side}%`, height: `${100 * side}%`,
    });
  }

  release() {
    this.box.remove();
    this.start = null;
    const area = this.area;
    this.area = null;
    if (!area || area.side < 0.03) return;
    this.look({
      x: this.view.x + area.x * this.view.side,
      y: this.view.y + area.y * this.view.side,
      side: area.side * this.view.side,
    });
  }

  look(view) {
    this.view = view;
    this.putNames();
    this.scatter.draw();
  }

  putNames() {
    const { x: left, y: top, side } = this.view;
    this.places.forEach(({ name, x, y }) => {
      name.style.left = `${(100 * (x - left)) / side}%`;
      name.style.top = `${(100 * (y - top)) / side}%`;
    });
    this.field.querySelector(".threads").style.visibility = side === 1 ? "" : "hidden";
  }

  point(event, reach) {
    const here = this.locate(event);
    const near = this.nearest(here, reach / this.canvas.clientWidth);
    if (near !== this.scatter.chosen) this.scatter.choose(near);
    if (near === null) tip.hide();
    else tip.show(this.scatter.describe(near, this), event.clientX, event.clientY);
  }

  nearest(here, reach) {
    let best = null;
    let least = reach * reach;
    for (let point = 0; point < this.scatter.labels.length; point++) {
      if (!this.scatter.isShown(point)) continue;
      const { x, y } = this.place(point);
      const distance = (x - here.x) ** 2 + (y - here.y) ** 2;
      if (distance < least) [best, least] = [point, distance];
    }
    return best;
  }

  /* Arrow keys go from one shown example to the next. */
  step(event) {
    const way = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!way) return;
    event.preventDefault();
    const count = this.scatter.labels.length;
    let next = this.scatter.chosen ?? (way > 0 ? -1 : count);
    do next += way; while (next >= 0 && next < count && !this.scatter.isShown(next));
    if (next < 0 || next >= count) return;
    this.scatter.choose(next);
    const rect = this.canvas.getBoundingClientRect();
    const { x, y } = this.place(next);
    tip.show(this.scatter.describe(next, this), rect.left + x * rect.width, rect.top + y * rect.height);
  }

  draw(colours, ink, muted, scale = Math.max(1, devicePixelRatio)) {
    const { scatter, canvas } = this;
    const side = canvas.clientWidth;
    if (!side) return;
    canvas.width = canvas.height = Math.round(side * scale);
    const context = canvas.getContext("2d");
    context.scale(canvas.width, canvas.width);
    const base = Math.max(1.35, Math.min(3, 80 / Math.sqrt(scatter.labels.length))) * Math.min(1, side / 200);
    const radius = (base * Math.min(1.8, 1 / Math.sqrt(this.view.side))) / side;
    const quiet = scatter.onlyWrong || scatter.only;
    const back = scatter.trust[scatter.panels.indexOf(this)]?.dimmed;
    for (const dimmed of back ? ["1", "0"] : [undefined]) {
      for (const pass of scatter.passes) {
        pass.forEach((all, number) => {
          const points = back ? all.filter((point) => back[point] === dimmed) : all;
          if (scatter.hidden.has(number) || !points.length) return;
          const faint = quiet || (scatter.lit !== null && scatter.lit !== number);
          context.globalAlpha = faint ? 0.13 : dimmed === "1" ? 0.25 : 0.85;
          this.dots(context, points, radius, faint ? muted : colours[number], number >= 10);
        });
      }
    }
    context.globalAlpha = 1;
    if (scatter.only && !scatter.onlyWrong) this.drawOnly(context, colours, radius);
    if (scatter.onlyWrong) this.drawWrong(context, colours, radius + 1.4 / side);
    if (scatter.chosen !== null) this.ring(context, scatter.chosen, radius + 4 / side, ink, 2 / side);
    this.names.forEach((name) => { name.hidden = scatter.hidden.has(Number(name.dataset.class)); });
  }

  dots(context, points, radius, colour, hollow) {
    context.beginPath();
    for (const point of points) {
      const { x, y } = this.place(point);
      context.moveTo(x + radius, y);
      context.arc(x, y, radius, 0, 2 * Math.PI);
    }
    if (hollow) {
      context.strokeStyle = colour;
      context.lineWidth = radius * 0.7;
      context.stroke();
    } else {
      context.fillStyle = colour;
      context.fill();
    }
  }

  drawOnly(context, colours, radius) {
    for (const point of this.scatter.only) {
      const number = this.scatter.labels[point];
      if (this.scatter.isShown(point)) this.dots(context, [point], radius, colours[number], number >= 10);
    }
  }

  /* A mistake is filled with its true class's colour and ringed with the one it was taken for. */
  drawWrong(context, colours, radius) {
    const { labels, examples } = this.scatter;
    for (let point = 0; point < labels.length; point++) {
      if (!this.scatter.isShown(point)) continue;
      this.dots(context, [point], radius, colours[labels[point]], false);
      this.ring(context, point, radius * 1.45, colours[examples.predicted[point]], radius * 0.55);
    }
  }

  ring(context, point, radius, colour, width) {
    const { x, y } = this.place(point);
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  }
}

const scatters = new Map();

/* Scatters near the window are made first, the others in idle time, or at once for the printer. */
function scatterOf(root) {
  const kind = "moving" in root.dataset ? MovingScatter : Scatter;
  if (!scatters.has(root)) scatters.set(root, new kind(root.closest("figure"), root));
  return scatters.get(root);
}

const roots = [...document.querySelectorAll("[data-scatter]")];
const nearby = new IntersectionObserver(
  (entries) => entries.filter((entry) => entry.isIntersecting).forEach(({ target }) => {
    nearby.unobserve(target);
    scatterOf(target).draw();
    resized.observe(target);
  }), { rootMargin: "600px" });
const resized = new ResizeObserver((entries) =>
  entries.forEach(({ target }) => scatterOf(target).draw()));
roots.forEach((root) => nearby.observe(root));

/* The rest follows, one at a time, when the browser has nothing else to do: a picture of the whole
   page, or a search for a word far down, finds them drawn. */
const whenIdle = window.requestIdleCallback ?? ((work) => setTimeout(work, 200));
function drawTheRest() {
  const root = roots.find((each) => !scatters.has(each));
  if (!root) return;
  nearby.unobserve(root);
  scatterOf(root).draw();
  resized.observe(root);
  whenIdle(drawTheRest);
}
whenIdle(drawTheRest);

function redrawScatters(scale) {
  scatters.forEach((scatter) => scatter.draw(scale));
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
