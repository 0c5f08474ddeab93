/* An image generator to try: sliders of the latent code, its map, images between two others, and
   samples, of a class if one is chosen. */

import { remember, settings } from "./address.js";
import { element, request, showError } from "./dom.js";
import { fileInput } from "./image_file.js";
import { followMaps, legend, methodChoice } from "./try_layers.js";
import { PointMap } from "./try_map.js";
import { latest, settled } from "./try_prediction.js";

const SLIDERS = 8;
const REACH = 3; /* standard deviations of the prior */
const STEPS = 11; /* images between two */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const STRIDE = 15; /* of an arrow key, in thousandths of the map */

export function generatorPanel(network, address) {
  const error = element("div", { class: "error", role: "alert", hidden: true });
  const image = element("img", { class: "decoded", alt: "The decoded image" });
  const state = { code: codeOf(settings().get("code"), network.latent_dim), seed: Number(settings().get("seed")) || 0, name: settings().get("class") ?? "" };
  const sliders = slidersView(network.latent_dim, (code) => { state.code = code; decode({ codes: [code] }); });
  const store = settled(() => image.isConnected && remember({ code: state.code.map((value) => Number(value.toFixed(2))).join("_"), seed: state.seed || null, class: state.name || null }));

  const decode = latest(async (body, point = null) => {
    try {
      const found = await request(`${address}/decode`, state.name ? { ...body, class: state.name } : body);
      error.hidden = true;
      [image.src] = found.images;
      map.image.src = image.src;
      [state.code] = found.codes;
      sliders.show(state.code);
      if (!point) map.place(null);
      store();
    } catch (problem) {
      showError(error, problem);
    }
  });
  const map = mapView(network, address, (method, point) => decode({ position: { method, point } }, point), sliders.order);
  const sample = element("button", { class: "action main", type: "button" }, "New sample");
  sample.addEventListener("click", () => {
    state.seed += 1;
    decode({ seed: state.seed });
  });
  const classes = element("select", {}, [element("option", { value: "" }, "any"), ...network.classes.map((name) =>
    element("option", { value: name, selected: name === state.name }, name))]);
  classes.addEventListener("change", () => {
    state.name = classes.value;
    decode({ seed: state.seed });
  });
  const controls = element("div", { class: "generate" }, [sample, element("label", {}, ["Class", classes])]);
  decode(settings().get("code") ? { codes: [state.code] } : { seed: state.seed });
  return [
    element("div", { class: "try generator" }, [element("div", { class: "pad" }, [image, controls, error]), sliders.view]),
    map.view,
    between(network, address),
  ];
}

function codeOf(text, size) {
  const values = (text ?? "").split("_").map(Number);
  return Array.from({ length: size }, (_, place) => (Number.isFinite(values[place]) ? values[place] : 0));
}

/* A slider for each dimension; the most used ones are shown, as soon as they are known. */
function slidersView(size, change) {
  const inputs = Array.from({ length: size }, (_, number) => {
    const range = element("input", { type: "range", min: -REACH, max: REACH, step: 0.05, value: 0 });
    const output = element("output", {}, "0.0");
    const note = element("span", { class: "secondary" });
    range.addEventListener("input", () => change(inputs.map((each, place) => (place === number ? Number(range.value) : each.value))));
    return { value: 0, range, output, note, view: element("label", { class: "slider" }, [element("span", {}, [`Dimension ${number}`, note]), range, output]) };
  });
  const first = element("div", { class: "sliders" }), rest = element("div", { class: "sliders" });
  const more = element("details", { hidden: size <= SLIDERS }, [element("summary", {}, `${size - SLIDERS} more dimensions`), rest]);
  const arrange = (numbers) => {
    first.replaceChildren(...numbers.slice(0, SLIDERS).map((number) => inputs[number].view));
    rest.replaceChildren(...numbers.slice(SLIDERS).map((number) => inputs[number].view));
  };
  arrange(inputs.map((_, number) => number));
  return {
    view: element("div", {}, [element("h3", {}, "The code"), first, more]),
    show: (code) => inputs.forEach((each, number) => {
      each.value = code[number];
      if (document.activeElement !== each.range || Math.abs(Number(each.range.value) - code[number]) > 0.06) each.range.value = code[number];
      each.output.textContent = code[number].toFixed(1).replace("-", "−");
    }),
    order: (dimensions) => {
      dimensions.forEach(({ number, kl, used }) => { inputs[number].note.textContent = used ? `${kl.toFixed(1)} nats` : "unused"; });
      arrange(dimensions.map(({ number }) => number));
    },
  };
}

/* The map of the test images' codes: a click, a drag or the arrow keys choose a point, which is decoded. */
function mapView(network, address, choose, ordered) {
  const about = element("p", { class: "secondary" });
  const controls = element("div", { class: "map-controls" });
  const frame = element("div", { class: "latent-map" });
  const image = element("img", { class: "decoded", alt: "The image at the point of the map" });
  const view = element("section", { class: "layers" }, [element("h3", {}, "The map of codes")]);
  let found = null, method = settings().get("map") ?? "tsne", plot = null, point = null;

  const draw = () => plot?.show(found.maps[method].points, point, `${found.labels.length} test images on the map of codes; arrow keys move the point that is decoded`);
  const move = (next) => {
    point = next.map((value) => Math.min(Math.max(value, 0), 1000));
    draw();
    choose(method, point);
  };
  const arrange = () => {
    about.textContent = method === "pca"
      ? "Click, drag or use the arrow keys. A point is decoded from the code in the plane of the two principal components; in all other directions it is the mean code."
      : `Click, drag or use the arrow keys. t-SNE has no inverse: a point is decoded from the mean code of the ${found.neighbours} nearest test images, the nearer the more weight.`;
    draw();
  };
  followMaps(view, address, (maps) => {
    found = maps;
    ordered(maps.dimensions);
    const known = Object.keys(maps.maps);
    if (!known.includes(method)) [method] = known;
    plot = new PointMap(maps.labels, network.classes);
    const { canvas } = plot;
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-roledescription", "map");
    canvas.tabIndex = 0;
    for (const kind of ["pointerdown", "pointermove"]) {
      canvas.addEventListener(kind, (event) => {
        if (kind === "pointerdown") canvas.setPointerCapture(event.pointerId);
        if (event.buttons) move(plot.pointOf(event));
      });
    }
    canvas.addEventListener("keydown", (event) => {
      if (!(event.key in ARROWS)) return;
      event.preventDefault();
      const [across, up] = ARROWS[event.key], [x, y] = point ?? [500, 500];
      move([x + STRIDE * across, y + STRIDE * up]);
    });
    controls.replaceChildren(...methodChoice(known, method, (chosen) => {
      method = chosen;
      point = null;
      remember({ map: chosen });
      arrange();
    }), legend(network.classes), about);
    frame.replaceChildren(canvas);
    view.append(controls, element("div", { class: "map-and-image" }, [frame, image]));
    arrange();
  });
  return { view, image, place: (next) => { point = next; draw(); } };
}

/* Two images, and those that are decoded between their codes. */
function between(network, address) {
  const error = element("div", { class: "error", role: "alert", hidden: true });
  const ends = [null, null];
  const shown = ["first", "second"].map((name) => element("img", { class: "end", alt: `The ${name} image`, hidden: true }));
  const image = element("img", { class: "decoded", alt: "The image between the two" });
  const slider = element("input", { type: "range", min: 0, max: 1, step: 0.01, value: 0.5 });
  const strip = element("div", { class: "image-strip", role: "img", "aria-label": `${STEPS} images from the first to the second` });
  const result = element("div", { class: "between", hidden: true }, [strip, element("label", { class: "slider" }, ["From the first to the second", slider]), image]);

  const mix = (share) => ends[0].map((value, place) => value * (1 - share) + ends[1][place] * share);
  const attempt = async (call) => {
    try {
      error.hidden = true;
      await call();
    } catch (problem) {
      showError(error, problem);
    }
  };
  const decode = latest(() => attempt(async () => {
    [image.src] = (await request(`${address}/decode`, { codes: [mix(Number(slider.value))] })).images;
  }));
  const give = (place) => (content) => attempt(async () => {
    const found = await request(`${address}/encode`, { images: [content], drawn: true });
    [ends[place]] = found.codes;
    [shown[place].src] = found.inputs;
    shown[place].hidden = false;
    if (!ends.every(Boolean)) return;
    const codes = Array.from({ length: STEPS }, (_, step) => mix(step / (STEPS - 1)));
    const { images } = await request(`${address}/decode`, { codes });
    strip.replaceChildren(...images.map((source) => element("img", { src: source, alt: "" })));
    result.hidden = false;
    await decode();
  });
  slider.addEventListener("input", () => decode());
  const inputs = ["First image", "Second image"].map((title, place) =>
    element("div", { class: "pad" }, [fileInput(give(place), `${title}: choose a file, or drop one`, false), shown[place]]));
  return element("section", { class: "layers" }, [
    element("h3", {}, "Between two images"),
    element("p", { class: "secondary" }, "Both are encoded as the means of their codes, and codes on the straight line between them are decoded."),
    element("div", { class: "try" }, inputs), error, result,
  ]);
}
