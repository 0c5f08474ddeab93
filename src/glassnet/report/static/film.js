/* Films: the frames of a mosaic lie below each other in one image, of which one is seen. */

const PACE = 700;

class Film {
  constructor(bar) {
    this.names = JSON.parse(bar.dataset.frames);
    this.image = bar.nextElementSibling.querySelector("img");
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
    this.image.style.objectPosition = `50% ${(100 * frame) / this.last}%`;
    this.output.textContent = this.names[frame];
    this.slider.value = frame;
    this.slider.setAttribute("aria-valuetext", this.names[frame]);
  }

  /* From the frame that is shown, or from the first one if that is the last. */
  play() {
    if (this.slider.valueAsNumber === this.last) this.show(0);
    this.timer = setInterval(() => this.step(), PACE);
    this.button.textContent = "Pause";
    this.button.setAttribute("aria-label", "Pause the film");
  }

  step() {
    this.show(this.slider.valueAsNumber + 1);
    if (this.slider.valueAsNumber === this.last) this.stop();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.button.textContent = "Play";
    this.button.setAttribute("aria-label", "Play the film");
  }

  /* A print shows the last frame. */
  rest() {
    this.stop();
    this.show(this.last);
  }
}

const films = [...document.querySelectorAll(".film")].map((bar) => new Film(bar));
addEventListener("beforeprint", () => films.forEach((film) => film.rest()));
matchMedia("print").addEventListener("change", ({ matches }) =>
  matches && films.forEach((film) => film.rest()));
