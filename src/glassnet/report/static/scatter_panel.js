/* One panel of a scatter plot: its canvas, its class labels, zooming and selection of points. */

/* A dot is a short line with round ends: in a PDF it takes far fewer bytes than a circle. */
const DOT_LENGTH = 1e-4;

class Panel {
  constructor(scatter, area, points) {
    this.scatter = scatter;
    this.points = points;
    this.area = area;
    this.canvas = area.querySelector("canvas");
    this.classElements = [...area.querySelectorAll(".class-name, .leader")];
    this.labels = [...area.querySelectorAll(".class-name")].map((element) => ({
      element, x: Number(element.dataset.x) / 100, y: Number(element.dataset.y) / 100,
    }));
    this.ticks = ["left", "top"].flatMap((edge) =>
      [...area.parentElement.querySelectorAll(edge === "left" ? ".x-ticks span" : ".y-ticks span")]
        .map((element) => ({ element, edge, position: parseFloat(element.style[edge]) / 100 })));
    this.view = { x: 0, y: 0, side: 1 };
    this.dragStart = null;
    this.selectionBox = createElement("div", "selection-box");
    this.line = null;
    this.bind();
  }

  bind() {
    const canvas = this.canvas;
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && this.leave());
    canvas.addEventListener("pointerdown", (event) => {
      const isLasso = event.shiftKey || this.scatter.isLasso;
      if (event.pointerType !== "mouse" && !isLasso) return;
      if (isLasso) this.line = [this.eventPosition(event)];
      else this.dragStart = this.eventPosition(event);
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointerup", () => this.release());
    canvas.addEventListener("click", (event) => {
      if (!this.isReleased) this.selectNear(event, cssNumber("--touch-radius"));
      this.isReleased = false;
    });
    canvas.addEventListener("dblclick", () => this.zoom({ x: 0, y: 0, side: 1 }));
    canvas.addEventListener("keydown", (event) => this.selectNext(event));
    canvas.addEventListener("blur", () => this.leave());
  }

  /* Position of an event, as fractions of the panel's side. */
  eventPosition(event) {
    const rect = this.canvas.getBoundingClientRect();
    return { x: (event.clientX - rect.left) / rect.width, y: (event.clientY - rect.top) / rect.height };
  }

  /* Position of a point, as fractions of the panel's side. */
  pointPosition(point) {
    return {
      x: (this.points[2 * point] / 65535 - this.view.x) / this.view.side,
      y: (this.points[2 * point + 1] / 65535 - this.view.y) / this.view.side,
    };
  }

  move(event) {
    if (this.line) this.extendLine(this.eventPosition(event));
    else if (this.dragStart) this.drag(this.eventPosition(event));
    else if (event.pointerType === "mouse") this.selectNear(event, cssNumber("--mouse-radius"));
  }

  leave() {
    tooltip.hide();
    if (this.scatter.selected !== null) this.scatter.select(null);
  }

  extendLine(position) {
    this.line.push(position);
    tooltip.hide();
    this.scatter.draw();
  }

  drag(position) {
    const start = this.dragStart;
    const side = Math.max(Math.abs(position.x - start.x), Math.abs(position.y - start.y));
    this.selection = {
      x: position.x < start.x ? start.x - side : start.x,
      y: position.y < start.y ? start.y - side : start.y,
      side,
    };
    this.area.append(this.selectionBox);
    Object.assign(this.selectionBox.style, {
      left: `${100 * this.selection.x}%`, top: `${100 * this.selection.y}%`,
      width: `${100 * side}%`, height: `${100 * side}%`,
    });
  }

  release() {
    const { line } = this;
    this.line = null;
    if (line?.length > 2) {
      selectInside(this, line);
      this.isReleased = true; // the click that follows selects no point
    } else if (line) {
      this.scatter.draw();
    }
    this.selectionBox.remove();
    this.dragStart = null;
    const selection = this.selection;
    this.selection = null;
    if (!selection || selection.side < 0.03) return;
    this.zoom({
      x: this.view.x + selection.x * this.view.side,
      y: this.view.y + selection.y * this.view.side,
      side: selection.side * this.view.side,
    });
  }

  zoom(view) {
    this.view = view;
    this.placeLabels();
    this.scatter.draw();
  }

  placeLabels() {
    const { x: left, y: top, side } = this.view;
    this.labels.forEach(({ element, x, y }) => {
      const [centre, half] = [`${(100 * (x - left)) / side}%`, `${element.offsetWidth / 2}px`];
      element.style.left = side === 1 ? `clamp(${half}, ${centre}, calc(100% - ${half}))` : centre;
      element.style.top = `${(100 * (y - top)) / side}%`;
    });
    this.ticks.forEach(({ element, edge, position }) => {
      const shown = (position - (edge === "left" ? left : top)) / side;
      element.style[edge] = `${100 * shown}%`;
      element.hidden = shown < 0 || shown > 1;
    });
    this.area.querySelector(".leaders").style.visibility = side === 1 ? "" : "hidden";
  }

  selectNear(event, radius) {
    const nearest = this.nearest(this.eventPosition(event), radius / this.canvas.clientWidth);
    if (nearest !== this.scatter.selected) this.scatter.select(nearest);
    if (nearest === null) tooltip.hide();
    else tooltip.show(this.scatter.describe(nearest, this), event.clientX, event.clientY);
  }

  nearest(position, radius) {
    let nearest = null;
    let smallest = radius * radius;
    for (let point = 0; point < this.scatter.labels.length; point++) {
      if (!this.scatter.isShown(point)) continue;
      const { x, y } = this.pointPosition(point);
      const distance = (x - position.x) ** 2 + (y - position.y) ** 2;
      if (distance < smallest) [nearest, smallest] = [point, distance];
    }
    return nearest;
  }

  /* Arrow keys move from one shown example to the next. */
  selectNext(event) {
    if (event.key === "Enter" && this.scatter.selected !== null) toggleSelected(this.scatter, this.scatter.selected);
    const direction = arrowDirection(event.key);
    if (!direction) return;
    event.preventDefault();
    const count = this.scatter.labels.length;
    let next = this.scatter.selected ?? (direction > 0 ? -1 : count);
    do next += direction; while (next >= 0 && next < count && !this.scatter.isShown(next));
    if (next < 0 || next >= count) return;
    this.scatter.select(next);
    const rect = this.canvas.getBoundingClientRect();
    const { x, y } = this.pointPosition(next);
    tooltip.show(this.scatter.describe(next, this), rect.left + x * rect.width, rect.top + y * rect.height);
  }

  draw(style, scale = Math.max(1, devicePixelRatio)) {
    const { scatter, canvas } = this;
    const side = canvas.clientWidth;
    if (!side) return;
    canvas.width = canvas.height = Math.round(side * scale);
    const context = canvas.getContext("2d");
    context.scale(canvas.width, canvas.width);
    const base = Math.max(1.35, Math.min(3, 80 / Math.sqrt(scatter.labels.length))) * Math.min(1, side / 200);
    const radius = (base * Math.min(1.8, 1 / Math.sqrt(this.view.side))) / side;
    this.drawPoints(context, style, radius);
    context.globalAlpha = 1;
    if (scatter.subset && !scatter.onlyWrong) this.drawSubset(context, style, radius);
    if (scatter.onlyWrong) this.drawMistakes(context, style, radius + 1.4 / side);
    for (const point of scatter.lasso) {
      this.drawRing(context, point, radius + style.ringGap / side, style.ink, 1 / side);
    }
    if (this.line) this.drawLine(context, style, side);
    if (scatter.selected !== null) {
      this.drawRing(context, scatter.selected, radius + style.ringGap / side, style.ink, style.ringWidth / side);
    }
    this.classElements.forEach((element) => {
      element.hidden = scatter.hiddenClasses.has(Number(element.dataset.class));
    });
  }

  /* Draw the dimmed points first, then the others above them. */
  drawPoints(context, style, radius) {
    const { scatter } = this;
    const noneInFocus = scatter.onlyWrong || scatter.subset;
    const distorted = scatter.distortion[scatter.panels.indexOf(this)]?.distorted;
    for (const dimmed of distorted ? ["1", "0"] : [undefined]) {
      for (const pass of scatter.passes) {
        pass.forEach((points, classIndex) => {
          const drawn = distorted ? points.filter((point) => distorted[point] === dimmed) : points;
          if (scatter.hiddenClasses.has(classIndex) || !drawn.length) return;
          const { highlightedClass } = scatter;
          const faint = noneInFocus || (highlightedClass !== null && highlightedClass !== classIndex);
          const opacity = dimmed === "1" ? style.dimmedOpacity : style.opacity;
          context.globalAlpha = faint ? style.faintOpacity : opacity;
          const colour = faint ? style.muted : style.colours[classIndex];
          this.drawMarkers(context, drawn, radius, colour, classIndex, classIndex >= style.classCount);
        });
      }
    }
  }

  /* Draw points with the marker of their class. */
  drawMarkers(context, points, radius, colour, classIndex, hollow) {
    const shape = this.scatter.shapes[classIndex];
    const isDot = !shape.length && !hollow;
    context.beginPath();
    for (const point of points) {
      const { x, y } = this.pointPosition(point);
      if (isDot) {
        context.moveTo(x, y);
        context.lineTo(x + DOT_LENGTH, y);
      } else if (shape.length) {
        for (let k = 0; k < shape.length; k += 2) {
          context[k ? "lineTo" : "moveTo"](x + radius * shape[k], y + radius * shape[k + 1]);
        }
        context.closePath();
      } else {
        context.moveTo(x + radius, y);
        context.arc(x, y, radius, 0, 2 * Math.PI);
      }
    }
    if (isDot || hollow) {
      context.strokeStyle = colour;
      context.lineWidth = radius * (isDot ? 2 : 0.7);
      context.lineCap = isDot ? "round" : "butt";
      context.stroke();
    } else {
      context.fillStyle = colour;
      context.fill();
    }
  }

  drawSubset(context, { colours, classCount }, radius) {
    for (const point of this.scatter.subset) {
      const classIndex = this.scatter.labels[point];
      if (this.scatter.isShown(point)) {
        const hollow = classIndex >= classCount;
        this.drawMarkers(context, [point], radius, colours[classIndex], classIndex, hollow);
      }
    }
  }

  /* A mistake has the colour of its true class and a ring in that of the predicted one. */
  drawMistakes(context, { colours }, radius) {
    const { labels, examples } = this.scatter;
    for (let point = 0; point < labels.length; point++) {
      if (!this.scatter.isShown(point)) continue;
      this.drawMarkers(context, [point], radius, colours[labels[point]], labels[point], false);
      this.drawRing(context, point, radius * 1.45, colours[examples.predicted[point]], radius * 0.55);
    }
  }

  /* The lasso. */
  drawLine(context, style, side) {
    context.beginPath();
    this.line.forEach(({ x, y }, k) => context[k ? "lineTo" : "moveTo"](x, y));
    context.closePath();
    context.strokeStyle = style.ink;
    context.lineWidth = 1.5 / side;
    context.stroke();
  }

  drawRing(context, point, radius, colour, width) {
    const { x, y } = this.pointPosition(point);
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  }
}
