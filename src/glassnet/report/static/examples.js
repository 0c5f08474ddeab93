/* The examples that scatters point at: thumbnails on one sheet, or texts, and what is known of each. */

const decoded = new Map();

function numbers(base64) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return new Uint16Array(bytes.buffer);
}

/* The examples that scatters point at, decoded once for all scatters of a run. */
function examplesOf(id) {
  if (!decoded.has(id)) {
    const script = document.getElementById(id);
    decoded.set(id, script ? new ExampleSheet(JSON.parse(script.textContent)) : null);
  }
  return decoded.get(id);
}

class ExampleSheet {
  constructor(data) {
    Object.assign(this, data);
    this.labels = numbers(data.labels);
    this.predicted = data.predicted && numbers(data.predicted);
    this.confidence = data.confidence && numbers(data.confidence);
    if (!data.sheet) return;
    this.image = new Image();
    this.image.src = data.sheet;
    this.ready = this.image.decode();
  }

  /* A network that names no classes makes no mistakes. */
  isWrong(index) {
    return Boolean(this.predicted) && this.labels[index] !== this.predicted[index];
  }

  picture(index) {
    const canvas = make("canvas", "");
    const scale = Math.max(1, Math.floor(84 / Math.max(this.width, this.height)));
    canvas.width = this.width;
    canvas.height = this.height;
    canvas.style.width = `${this.width * scale}px`;
    canvas.style.height = `${this.height * scale}px`;
    const left = (index % this.columns) * this.width;
    const top = Math.floor(index / this.columns) * this.height;
    const draw = () =>
      canvas.getContext("2d").drawImage(
        this.image, left, top, this.width, this.height, 0, 0, this.width, this.height);
    if (this.image.complete) draw();
    else this.ready.then(draw);
    return canvas;
  }

  text(index) {
    const text = make("div", "text", this.texts[index]);
    text.dir = "auto";
    return text;
  }

  /* What the network said: the class it gave, if that was wrong, and how sure it was. */
  said(index) {
    const chance = this.confidence &&
      `${((100 * this.confidence[index]) / 65535).toFixed(1)}\u00a0%`;
    const given = this.isWrong(index)
      ? `taken for ${this.classNames[this.predicted[index]]}` : "recognised";
    return [given, chance].filter(Boolean).join(", ");
  }

  describe(index) {
    const said = this.predicted
      ? [make("div", this.isWrong(index) ? "is-wrong" : "", this.said(index))] : [];
    return [
      ...(this.sheet ? [this.picture(index)] : []),
      make("div", "",
        ...(this.texts.length ? [this.text(index)] : []),
        make("strong", "", this.classNames[this.labels[index]]),
        ...said,
        make("div", "quieter", `example ${this.ids[index]}`)),
    ];
  }
}

/* Some of a sheet's examples, numbered anew. */
class Excerpt {
  constructor(all, places) {
    const { sheet, texts, ids, predicted } = all;
    Object.assign(this, { all, places, sheet, texts });
    this.ids = places.map((place) => ids[place]);
    this.predicted = predicted && places.map((place) => predicted[place]);
  }

  isWrong(index) {
    return this.all.isWrong(this.places[index]);
  }

  picture(index) {
    return this.all.picture(this.places[index]);
  }

  text(index) {
    return this.all.text(this.places[index]);
  }

  describe(index) {
    return this.all.describe(this.places[index]);
  }
}
