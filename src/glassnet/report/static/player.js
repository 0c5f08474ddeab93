/* Players of animations: a button, a slider and the name of the current frame. */

const FRAME_DURATION = 700;

class Player {
  /* draw: a function that shows a frame, given its number. */
  constructor(root, draw, frameDuration = FRAME_DURATION) {
    this.root = root;
    this.names = JSON.parse(root.dataset.frames);
    this.draw = draw;
    this.frameDuration = frameDuration;
    this.button = root.querySelector(".play");
    this.slider = root.querySelector("input");
    this.output = root.querySelector("output");
    this.button.hidden = this.slider.hidden = false;
    this.slider.value = this.last;
    const requested = this.names.indexOf(requestedState(root).frame);
    this.requestedFrame = requested < 0 ? this.last : requested;
    this.slider.addEventListener("input", () => {
      this.pause();
      this.show(this.slider.valueAsNumber);
    });
    this.button.addEventListener("click", () => (this.timer ? this.pause() : this.play()));
  }

  get last() {
    return this.names.length - 1;
  }

  show(frame) {
    this.draw(frame);
    this.mark(frame);
  }

  /* The frame's name for an address; null for the last one. */
  get state() {
    const frame = this.slider.valueAsNumber;
    return frame === this.last ? null : this.names[frame];
  }

  mark(frame) {
    this.output.textContent = this.names[frame];
    this.slider.value = frame;
    this.slider.setAttribute("aria-valuetext", this.names[frame]);
  }

  /* Start at the current frame, or at the first one if the current one is the last. */
  play() {
    if (this.slider.valueAsNumber === this.last) this.show(0);
    this.timer = setInterval(() => this.step(), this.frameDuration);
    this.button.textContent = "Pause";
    this.button.setAttribute("aria-label", "Pause the animation");
  }

  step() {
    if (!this.root.isConnected) return this.pause();
    this.show(this.slider.valueAsNumber + 1);
    if (this.slider.valueAsNumber === this.last) this.pause();
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    this.button.textContent = "Play";
    this.button.setAttribute("aria-label", "Play the animation");
  }

  showLast() {
    this.pause();
    this.show(this.last);
  }
}

/* The frames of an animated image grid lie below each other in one image, cropped to one frame. */
function imageGridPlayer(root) {
  const image = root.nextElementSibling.querySelector("img");
  const player = new Player(root, (frame) => {
    image.style.objectPosition = `50% ${(100 * frame) / player.last}%`;
    tellState(root, () => ({ frame: player.state }));
  });
  if (player.requestedFrame !== player.last) player.show(player.requestedFrame);
  return player;
}

const imageGridPlayers = new WeakMap();

function playImageGrid(root) {
  imageGridPlayers.set(root, imageGridPlayer(root));
}

/* A print shows the last frame. */
onPrint(() => document.querySelectorAll(".imagegrid > .player").forEach((root) =>
  imageGridPlayers.get(root)?.showLast()));
