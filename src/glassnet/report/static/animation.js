/* Players: a button, a slider, and the name of the frame that is shown. */

const PACE = 700;

class Player {
  /* draw: shows a frame, given its number. */
  constructor(bar, draw, pace = PACE) {
    this.names = JSON.parse(bar.dataset.frames);
    this.draw = draw;
    this.pace = pace;
    this.button = bar.querySelector(".play");
    this.slider = bar.querySelector("input");
    this.output = bar.querySelector("output");
    this.button.hidden = this.slider.hidden = false;
    this.slider.value = this.last;
    this.slider.addEventListener("input", () => {
      this.stop();
      this.show(this.slider.valueAsNumber);
    });
    this.button.addEventListener("click", () => (this.timer ? this.stop() : this.play()));
  }

  get last() {
    return this.names.length - 1;
  }

  show(frame) {
    this.draw(frame);
    this.output.textContent = this.names[frame];
    this.slider.value = frame;
    this.slider.setAttribute("aria-valuetext", this.names[frame]);
  }

  /* From the frame that is shown, or from the first one if that is the last. */
  play() {
    if (this.slider.valueAsNumber === this.last) this.show(0);
    this.timer = setInterval(() => this.step(), this.pace);
    this.button.textContent = "Pause";
    this.button.setAttribute("aria-label", "Pause the animation");
  }

  step() {
    this.show(this.slider.valueAsNumber + 1);
    if (this.slider.valueAsNumber === this.last) this.stop();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.button.textContent = "Play";
    this.button.setAttribute("aria-label", "Play the animation");
  }

  /* A print shows the last frame. */
  rest() {
    this.stop();
    this.show(this.last);
  }
}

/* The frames of a imagegrid lie below each other in one image, of which one is seen. */
function mosaicPlayer(bar) {
  const image = bar.nextElementSibling.querySelector("img");
  const player = new Player(bar, (frame) => {
    image.style.objectPosition = `50% ${(100 * frame) / player.last}%`;
  });
  return player;
}

const animations = [...document.querySelectorAll(".imagegrid > .player")].map(mosaicPlayer);
addEventListener("beforeprint", () => animations.forEach((animation) => animation.rest()));
matchMedia("print").addEventListener("change", ({ matches }) =>
  matches && animations.forEach((animation) => animation.rest()));
