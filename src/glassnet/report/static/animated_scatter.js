/* Animated scatter plots: points that move from frame to frame and from layer to layer. */

const PLAY_DURATION = 1000;
const MOVE_DURATION = 450;
const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");

class AnimatedScatter extends Scatter {
  constructor(figure, root) {
    super(figure, root);
    this.main = this.panels[0];
    this.leaders = [...this.main.area.querySelectorAll(".leader")];
    this.player = new Player(
      root.querySelector(".player"), (frame) => this.moveTo(this.track, frame), PLAY_DURATION);
    this.animation = null;
    this.frame = this.player.requestedFrame;
    this.main.points = this.tracks[this.track].frames[this.frame];
    this.labelPositions = this.tracks[this.track].label_positions[this.frame];
    this.placeLabels();
    labelDistortedButtons(this);
    this.bindTracks();
    if (this.track === this.lead && this.frame === this.player.last) return;
    this.player.mark(this.frame);
    this.updateText();
  }

  examplesFor(data, root) {
    const examples = super.examplesFor(data, root);
    return examples && new ExampleSubset(examples, data.example_indices);
  }

  /* The animation starts at its last frame; each panel of the film strip has a frame of its own. */
  pointsFor(data, area, index) {
    this.tracks ??= data.tracks.map((track) => ({ ...track, frames: track.frames.map(decodeUint16) }));
    this.lead = data.lead;
    this.track ??= this.requestedTrack();
    this.leaderDistance ??= data.leader_distance;
    const { track = this.track, frame = this.tracks[0].frames.length - 1 } = area.dataset;
    this.distortion[index] = this.tracks[track].distortion[frame];
    return this.tracks[track].frames[frame];
  }

  /* The track of the layer and the method that the address has; what it lacks is that of the lead. */
  requestedTrack() {
    const requested = this.trackOf({ ...this.tracks[this.lead], ...this.requested });
    return requested < 0 ? this.lead : requested;
  }

  trackOf({ layer, method }) {
    return this.tracks.findIndex((other) => other.layer === layer && other.method === method);
  }

  get state() {
    const { layer, method } = this.tracks[this.track], lead = this.tracks[this.lead];
    return {
      ...super.state,
      layer: layer === lead.layer ? null : layer,
      method: method === lead.method ? null : method,
      frame: this.player.state,
    };
  }

  panelName() {
    const { layer, method } = this.tracks[this.track];
    return `${method} of ${layer}, ${this.player?.names[this.frame] ?? ""}`;
  }

  bindTracks() {
    this.root.querySelector(".track-choice").hidden = false;
    this.trackButtons = [...this.root.querySelectorAll(".track-choice button")];
    this.trackButtons.forEach((button) => button.addEventListener("click", () => {
      this.moveTo(this.trackOf({ ...this.tracks[this.track], ...button.dataset }), this.frame);
    }));
  }

  /* Move the points from their current positions to those of a frame. */
  moveTo(track, frame) {
    [this.track, this.frame] = [track, frame];
    this.updateText();
    this.tell();
    tooltip.hide();
    cancelAnimationFrame(this.animation);
    const { frames, label_positions: labelPositions } = this.tracks[track];
    const start = { points: Float32Array.from(this.main.points), labelPositions: this.labelPositions };
    const end = { points: frames[frame], labelPositions: labelPositions[frame] };
    this.animation = null;
    if (reducedMotion.matches) {
      this.interpolate(start, end, 1);
      return;
    }
    const duration = this.player.timer ? 0.9 * PLAY_DURATION : MOVE_DURATION;
    let startTime = null;
    const draw = (now) => {
      startTime ??= now;
      const time = Math.min(1, (now - startTime) / duration);
      this.interpolate(start, end, time * time * (3 - 2 * time));
      this.animation = time < 1 ? requestAnimationFrame(draw) : null;
    };
    this.animation = requestAnimationFrame(draw);
  }

  interpolate(start, end, fraction) {
    const mix = (from, to) => from + (to - from) * fraction;
    if (fraction === 1) {
      this.main.points = end.points;
      this.labelPositions = end.labelPositions;
    } else {
      this.main.points = start.points.map((value, i) => mix(value, end.points[i]));
      this.labelPositions = end.labelPositions.map((position, i) =>
        position.map((value, j) => mix(start.labelPositions[i][j], value)));
    }
    this.placeLabels();
    this.draw();
  }

  /* A label that is away from its class's centre has a leader line. */
  placeLabels() {
    this.labelPositions.forEach(([x, y, left, top], i) => {
      Object.assign(this.main.labels[i], { x: x / 100, y: y / 100 });
      const distance = Math.max(Math.abs(x - left), Math.abs(y - top));
      this.leaders[i].setAttribute("d", distance > this.leaderDistance ? `M${x} ${y}L${left} ${top}` : "");
    });
    this.main.placeLabels();
  }

  updateQualityScores() {
    const scores = this.tracks[this.track].quality_scores[this.frame];
    this.root.querySelectorAll(".quality-scores > div").forEach((row, i) => {
      row.style.display = scores[i] ? "" : "none";
      if (!scores[i]) return;
      const [formatted, percent, low, width] = scores[i];
      row.querySelector("i").style.width = `${percent}%`;
      Object.assign(row.querySelector("b").style, { left: `${low}%`, width: `${width}%` });
      row.querySelector("dd:last-child").textContent = formatted;
    });
  }

  updateText() {
    const { layer, method, notes, drift_note: driftNote, distortion, dimmed_labels: dimmedLabels } =
      this.tracks[this.track];
    const [title, note, dimmedLabel] = [`${method} of ${layer}`, notes[this.frame], dimmedLabels[this.frame]];
    this.root.querySelector(".panel-label").textContent = title;
    this.root.querySelector(".frame-note").textContent = note;
    this.root.querySelector(".drift-note").textContent = driftNote;
    this.root.querySelector(".dimmed-label").textContent = dimmedLabel;
    this.root.querySelector(".dimmed-legend").style.visibility = dimmedLabel ? "" : "hidden";
    this.distortion[0] = distortion[this.frame];
    this.updateQualityScores();
    labelDistortedButtons(this);
    if (this.listedPanel !== null) listDistorted(this, this.listedPanel);
    this.main.canvas.setAttribute("aria-label",
      `${title}, ${this.player.names[this.frame]}: ${note}. Use the arrow keys to move between examples.`);
    this.trackButtons.forEach((button) => button.setAttribute("aria-pressed",
      String([layer, method].includes(button.dataset.layer ?? button.dataset.method))));
  }
}
