/* The way of an input through the layers: feature maps, its place on each map, the nearest training
   examples, and what a linear probe says. */

import { remember, settings } from "./address.js";
import { GONE, WAIT_IF_GONE, element, request, showError } from "./dom.js";
import { markerIcon } from "./markers.js";
import { percent } from "./try_prediction.js";
import { PointMap } from "./try_map.js";

const METHODS = { tsne: "t-SNE", pca: "PCA" };
const MAX_NEXT = 2; /* classes of a probe, after its first */
const WAIT = 700; /* milliseconds between two looks at the preparation */

/* `again` is called when the maps are ready: an input that is shown is then shown in full. */
export function layersView(network, address, again) {
  const title = element("h3", {}, "What each layer makes of it");
  const controls = element("div", { class: "map-controls", hidden: true });
  const list = element("ol", { class: "journey" });
  const view = element("section", { class: "layers", hidden: true }, title);
  const rows = new Map();
  let maps = null, shown = null, method = settings().get("map") ?? "tsne";

  const draw = () => {
    if (!shown) return;
    const order = shown.layers.map((layer) => {
      if (!rows.has(layer.name)) rows.set(layer.name, new LayerRow(layer, network));
      const row = rows.get(layer.name);
      row.show(layer.name === "input" ? { ...layer, image: shown.input } : layer, maps, method);
      return row.item;
    });
    if (order.some((item, place) => list.children[place] !== item)) list.replaceChildren(...order);
    rows.forEach((row) => row.map?.draw());
  };

  followMaps(view, address, (found) => {
    maps = found;
    const known = Object.keys(METHODS).filter((each) => maps.layers.some((layer) => each in layer.maps));
    if (!known.includes(method)) method = known[0];
    controls.replaceChildren(...methodChoice(known, method, (chosen) => {
      method = chosen;
      remember({ map: chosen });
      draw();
    }), legend(network.classes), element("p", { class: "secondary" }, about(maps, network)));
    controls.hidden = false;
    again();
  });
  view.append(controls, list);

  return {
    view,
    show: (result) => {
      shown = result;
      view.hidden = !result;
      draw();
    },
  };
}

/* Ask for the maps of a network until they are prepared, with a line of progress in `view`. */
export function followMaps(view, address, ready) {
  const bar = element("progress", { max: 1, "aria-label": "Preparation of the maps" });
  const step = element("span", {});
  const preparing = element("div", { class: "preparing" }, [bar, step]);
  const error = element("div", { class: "error", role: "alert", hidden: true });
  view.append(preparing, error);
  const poll = async () => {
    try {
      const found = await request(`${address}/maps`);
      error.hidden = true;
      preparing.hidden = found.state !== "preparing";
      if (found.state === "ready") ready(found);
      else if (found.state === "failed") showError(error, found);
      else {
        bar.value = found.share;
        step.textContent = `Preparing the maps, once for this network: ${found.step}`;
        later(WAIT);
      }
    } catch (problem) {
      preparing.hidden = true;
      showError(error, problem);
      if (problem === GONE) later(WAIT_IF_GONE);
    }
  };
  const later = (wait) => setTimeout(() => { if (view.isConnected) poll(); }, wait);
  poll();
}

export function methodChoice(known, method, choose) {
  if (known.length < 2) return [];
  const options = known.map((each) => {
    const radio = element("input", { type: "radio", name: "map-method", value: each, checked: each === method });
    radio.addEventListener("change", () => choose(each));
    return element("label", {}, [radio, METHODS[each]]);
  });
  return [element("fieldset", { class: "choice" }, [element("legend", {}, "Map"), ...options])];
}

export function legend(classes) {
  if (classes.length > 20) return "";
  return element("ul", { class: "class-legend", "aria-label": "Classes on the maps" }, classes.map((name, place) =>
    element("li", {}, [markerIcon(place, classes.length), element("span", {}, name)])));
}

function about(maps, { modality }) {
  const kind = modality === "texts" ? "texts" : "images";
  const { searched, all } = maps.training;
  const from = searched < all ? `${searched.toLocaleString("en")} of ${all.toLocaleString("en")}` : `all ${all.toLocaleString("en")}`;
  const calibrated = maps.calibration
    ? `their probabilities are calibrated on ${maps.calibration.toLocaleString("en")} validation ${kind}`
    : "their probabilities are not calibrated, for want of validation examples";
  return `The maps show ${maps.labels.length.toLocaleString("en")} test ${kind}${maps.explained ? ", as in the report" : ""}. `
    + `The nearest training ${kind} are searched among ${from}; the probes are fitted on ${maps.probe.toLocaleString("en")} of them, and ${calibrated}.`;
}

/* The most probable of the other classes. */
function next({ class: name, probabilities }) {
  const others = Object.entries(probabilities).filter(([other]) => other !== name).sort((one, other) => other[1] - one[1]);
  return others.length ? `then ${others.slice(0, MAX_NEXT).map(([other, value]) => `${other}, ${percent(value)}`).join("; ")}. The probe is ` : "";
}

class LayerRow {
  constructor(layer, network) {
    this.network = network;
    this.sprite = element("img", { class: "feature-maps" });
    this.channels = element("p", { class: "secondary" });
    this.maps = element("figure", { class: "channels" }, [this.sprite, this.channels]);
    this.frame = element("figure", { class: "on-map" });
    this.landing = element("figcaption", { class: "secondary" });
    this.others = element("div", { class: "neighbours" });
    this.probe = element("p", {});
    const kind = layer.name === "input" ? "" : layer.kind;
    this.item = element("li", { class: "layer" }, [
      element("h4", {}, [layer.name, element("span", { class: "secondary" }, kind)]),
      element("div", { class: "layer-parts" }, [this.maps, this.frame, element("div", { class: "among" }, [this.probe, this.others])]),
    ]);
  }

  show(layer, maps, method) {
    if (layer.image) this.showInput(layer.image);
    else this.showChannels(layer.feature_maps);
    const known = maps?.layers.find((each) => each.name === layer.name);
    this.probe.hidden = this.others.hidden = !known || !layer.neighbours;
    this.frame.hidden = !known?.maps[method] || !layer.maps;
    if (!this.frame.hidden) this.showMap(known.maps[method], layer.maps[method], maps, method);
    if (!this.probe.hidden) {
      this.probe.replaceChildren("Linear probe: ", element("b", {}, `${layer.probe.class}, ${percent(layer.probe.probability)}`),
        element("span", { class: "secondary" }, `${next(layer.probe)}right on ${percent(known.probe_accuracy)} of the test points`));
      this.showNeighbours(layer.neighbours);
    }
  }

  showInput(image) {
    this.sprite.src = image;
    this.sprite.alt = "The image that the network gets";
    this.sprite.classList.add("input");
  }

  showChannels(found) {
    this.maps.hidden = !found;
    if (!found) return;
    const [count, height, width] = found.shape;
    const named = found.channels.join(", ");
    this.sprite.src = found.image;
    this.sprite.alt = `The ${found.channels.length} most active feature maps: ${named}`;
    this.channels.textContent = found.channels.length < count
      ? `The ${found.channels.length} most active of ${count} feature maps, ${height} × ${width}`
      : `All ${count} feature maps, ${height} × ${width}`;
  }

  showMap({ points, error }, { point, class: name }, maps, method) {
    const { classes } = this.network;
    this.map ??= new PointMap(maps.labels, classes);
    if (!this.frame.children.length) this.frame.append(this.map.canvas, this.landing);
    const title = METHODS[method];
    this.map.show(points, point, `${title} of this layer: the input lands among points of class ${name}`);
    const how = error
      ? `Placed by its neighbours in this layer. Test points placed so land ${percent(error.distance)} of the map's width away (median of ${error.n.toLocaleString("en")}), ${percent(error.same_class)} of them among their own class.`
      : "Projected exactly.";
    this.landing.replaceChildren(element("b", {}, `Among ${name}. `), how);
  }

  showNeighbours({ classes, image, texts }) {
    const kind = texts ? "texts" : "images";
    const heading = element("p", { class: "secondary" }, `Nearest training ${kind}`);
    if (texts) {
      this.others.replaceChildren(heading, element("ol", { class: "neighbour-texts" }, texts.map((text, place) =>
        element("li", {}, [element("b", {}, classes[place]), ` ${text}`]))));
      return;
    }
    const names = element("div", { class: "neighbour-classes", "aria-hidden": "true" }, classes.map((name) => element("span", { title: name }, name)));
    this.others.replaceChildren(heading, element("img", { src: image, alt: `Images of the classes ${classes.join(", ")}`, style: `--columns: ${classes.length}` }), names);
  }
}
