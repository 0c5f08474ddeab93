/* The examples that points refer to: thumbnails on a sprite sheet or texts, and their predictions. */

const examplesOf = new WeakMap();

function decodeUint16(base64) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return new Uint16Array(bytes.buffer);
}

const jsonOf = (script) => JSON.parse(script.textContent);

/* Examples are decoded once for all figures of a run; null if the page does not have them. */
function loadExamples(id) {
  const script = document.getElementById(id);
  if (script && !examplesOf.has(script)) examplesOf.set(script, decodeExamples(jsonOf(script)));
  return script ? examplesOf.get(script) : null;
}

/* Examples that others contain are their positions there, and equal sprite sheets are in the page once. */
function decodeExamples(data) {
  if (data.subsetOf) return new ExampleSubset(loadExamples(data.subsetOf), data.indices);
  if (!data.spriteSheet) return new Examples(data);
  return new Examples({ ...data, spriteSheet: jsonOf(document.getElementById(data.spriteSheet)) });
}

class Examples {
  constructor(data) {
    Object.assign(this, data);
    this.labels = decodeUint16(data.labels);
    this.predicted = data.predicted && decodeUint16(data.predicted);
    this.confidence = data.confidence && decodeUint16(data.confidence);
    if (!data.spriteSheet) return;
    this.image = new Image();
    this.image.src = data.spriteSheet;
    this.ready = this.image.decode();
  }

  /* A network that does not classify makes no mistakes. */
  isWrong(index) {
    return Boolean(this.predicted) && this.labels[index] !== this.predicted[index];
  }

  thumbnail(index) {
    const canvas = createElement("canvas", "");
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
    const text = createElement("div", "text", this.texts[index]);
    text.dir = "auto";
    return text;
  }

  /* The prediction and its probability. */
  describePrediction(index) {
    const probability = this.confidence &&
      `${((100 * this.confidence[index]) / 65535).toFixed(1)}\u00a0%`;
    const prediction = this.isWrong(index)
      ? `mistaken for ${this.classNames[this.predicted[index]]}` : "classified correctly";
    return [prediction, probability].filter(Boolean).join(", ");
  }

  describe(index) {
    const prediction = this.predicted
      ? [createElement("div", this.isWrong(index) ? "is-wrong" : "", this.describePrediction(index))] : [];
    return [
      ...(this.spriteSheet ? [this.thumbnail(index)] : []),
      createElement("div", "",
        ...(this.texts.length ? [this.text(index)] : []),
        createElement("strong", "", this.classNames[this.labels[index]]),
        ...prediction,
        createElement("div", "secondary", `example ${this.ids[index]}`)),
    ];
  }
}

/* A subset of examples with indices of its own. */
class ExampleSubset {
  constructor(examples, indices) {
    const { spriteSheet, texts, ids, labels, predicted, classNames } = examples;
    Object.assign(this, { examples, indices, spriteSheet, texts, classNames });
    this.ids = indices.map((index) => ids[index]);
    this.labels = indices.map((index) => labels[index]);
    this.predicted = predicted && indices.map((index) => predicted[index]);
  }

  isWrong(index) {
    return this.examples.isWrong(this.indices[index]);
  }

  thumbnail(index) {
    return this.examples.thumbnail(this.indices[index]);
  }

  text(index) {
    return this.examples.text(this.indices[index]);
  }

  describePrediction(index) {
    return this.examples.describePrediction(this.indices[index]);
  }

  describe(index) {
    return this.examples.describe(this.indices[index]);
  }
}
