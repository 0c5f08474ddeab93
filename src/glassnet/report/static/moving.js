/* Films of points: a scatter whose points glide from frame to frame, and from layer to layer. */

const STEP = 1000;
const GLIDE = 450;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

class MovingScatter extends Scatter {
  constructor(figure, root) {
    super(figure, root);
    this.root = root;
    this.main = this.panels[0];
    this.threads = [...this.main.field.querySelectorAll(".thread")];
    this.player = new Player(root.querySelector(".player"), (frame) => this.go(this.track, frame), STEP);
    this.frame = this.player.last;
    this.ticking = null;
    this.names = this.tracks[this.track].names[this.frame];
    this.placeNames();
    nameLists(this);
    this.bindTracks();
  }

  examplesFor(data, root) {
    const all = super.examplesFor(data, root);
    return all && new Excerpt(all, data.places);
  }

  /* The animation itself starts at its last frame; each still of the strip has one of its own. */
  pointsFor(data, field, index) {
    this.tracks ??= data.tracks.map((track) => ({ ...track, frames: track.frames.map(numbers) }));
    this.track ??= data.lead;
    this.afar ??= data.afar;
    const { track = this.track, frame = this.tracks[0].frames.length - 1 } = field.dataset;
    this.trust[index] = this.tracks[track].trust[frame];
    return this.tracks[track].frames[frame];
  }

  nameOf() {
    const { layer, method } = this.tracks[this.track];
    return `${method} of ${layer}, ${this.player?.names[this.frame] ?? ""}`;
  }

  bindTracks() {
    this.root.querySelector(".tracks").hidden = false;
    this.choices = [...this.root.querySelectorAll(".tracks button")];
    this.choices.forEach((button) => button.addEventListener("click", () => {
      const { layer, method } = { ...this.tracks[this.track], ...button.dataset };
      this.go(this.tracks.findIndex((each) => each.layer === layer && each.method === method), this.frame);
    }));
  }

  /* Glide from wherever the points are. */
  go(track, frame) {
    [this.track, this.frame] = [track, frame];
    this.say();
    tip.hide();
    cancelAnimationFrame(this.ticking);
    const { frames, names } = this.tracks[track];
    const from = { points: Float32Array.from(this.main.points), names: this.names };
    const to = { points: frames[frame], names: names[frame] };
    this.ticking = null;
    if (calm.matches) {
      this.between(from, to, 1);
      return;
    }
    const pace = this.player.timer ? 0.9 * STEP : GLIDE;
    let began = null;
    const tick = (now) => {
      began ??= now;
      const share = Math.min(1, (now - began) / pace);
      this.between(from, to, share * share * (3 - 2 * share));
      this.ticking = share < 1 ? requestAnimationFrame(tick) : null;
    };
    this.ticking = requestAnimationFrame(tick);
  }

  between(from, to, share) {
    const mix = (one, other) => one + (other - one) * share;
    if (share === 1) {
      this.main.points = to.points;
      this.names = to.names;
    } else {
      this.main.points = from.points.map((value, i) => mix(value, to.points[i]));
      this.names = to.names.map((name, i) => name.map((value, j) => mix(from.names[i][j], value)));
    }
    this.placeNames();
    this.draw();
  }

  /* A name that had to leave its class's centre keeps a thread to it. */
  placeNames() {
    this.names.forEach(([x, y, left, top], i) => {
      Object.assign(this.main.places[i], { x: x / 100, y: y / 100 });
      const away = Math.max(Math.abs(x - left), Math.abs(y - top)) > this.afar;
      this.threads[i].setAttribute("d", away ? `M${x} ${y}L${left} ${top}` : "");
    });
    this.main.putNames();
  }

  sayGauges() {
    const bars = this.tracks[this.track].quality_scores[this.frame];
    this.root.querySelectorAll(".quality-scores > div").forEach((row, i) => {
      const [word, share, low, span] = bars[i];
      row.querySelector("i").style.width = `${share}%`;
      Object.assign(row.querySelector("b").style, { left: `${low}%`, width: `${span}%` });
      row.querySelector("dd:last-child").textContent = word;
    });
  }

  say() {
    const { layer, method, notes, drift, trust, dimmed } = this.tracks[this.track];
    const [title, note] = [`${method} of ${layer}`, notes[this.frame]];
    this.root.querySelector(".panel-label").textContent = title;
    this.root.querySelector(".frame-note").textContent = note;
    this.root.querySelector(".drift-note").textContent = drift;
    this.root.querySelector(".dimmed").textContent = dimmed[this.frame];
    this.root.querySelector(".legend").style.visibility = dimmed[this.frame] ? "" : "hidden";
    this.trust[0] = trust[this.frame];
    this.sayGauges();
    nameLists(this);
    if (this.listed !== null) listDimmed(this, this.listed);
    this.main.canvas.setAttribute("aria-label",
      `${title}, ${this.player.names[this.frame]}: ${note}. Use the arrow keys to go from example to example.`);
    this.choices.forEach((button) => button.setAttribute("aria-pressed",
      String([layer, method].includes(button.dataset.layer ?? button.dataset.method))));
  }
}
