/* Images to try on a classifier: drawn, dropped, pasted, chosen or photographed. */

import { drawingPad } from "./drawing_pad.js";
import { remember, settings } from "./address.js";
import { cameraInput } from "./camera.js";
import { element, request, showError } from "./dom.js";
import { fileInput } from "./image_file.js";
import { pack, unpack } from "./packed_image.js";
import { latest, predictionView, settled } from "./try_prediction.js";
import { layersView } from "./try_layers.js";

export function imagePanel(network, address) {
  const error = element("div", { class: "error", role: "alert", hidden: true });
  const prediction = predictionView();
  const got = element("img", { alt: "The image that the network gets" });
  const how = element("span", {});
  const seen = element("div", { class: "seen", hidden: true }, [got, how]);
  let last = null;

  const inspect = latest(async (body) => {
    try {
      const result = await request(`${address}/inspect`, body);
      if (body !== last) return;
      error.hidden = true;
      prediction.view.removeAttribute("aria-busy");
      prediction.show(result.prediction);
      got.src = result.input;
      how.textContent = result.centred
        ? "What the network gets: scaled and centred as its training images are."
        : `What the network gets: ${network.input_shape[2]} × ${network.input_shape[1]} pixels.`;
      seen.hidden = false;
      layers.show(result);
      store(result.input, network.input_shape, got);
    } catch (problem) {
      prediction.view.removeAttribute("aria-busy");
      showError(error, problem);
    }
  });
  const show = (image, drawn = true) => {
    last = { image, drawn };
    prediction.view.setAttribute("aria-busy", "true");
    inspect(last);
  };
  const clear = () => {
    last = null;
    prediction.view.removeAttribute("aria-busy");
    prediction.show(null);
    layers.show(null);
    seen.hidden = true;
    error.hidden = true;
    store.cancel();
    remember({ drawing: null });
  };
  const layers = layersView(network, address, () => { if (last) inspect(last); });
  const [channels, height, width] = network.input_shape;
  const pad = channels === 1 ? drawingPad(show, clear) : null;
  const camera = cameraInput(show, (problem) => showError(error, problem));
  const inputs = element("div", { class: "pad" }, [pad?.view, fileInput(show), camera, seen]);
  const packed = settings().get("drawing");
  if (packed) {
    const image = unpack(packed, width, height);
    if (image) {
      pad?.show(image);
      show(image.toDataURL("image/png"), false);
    }
  }
  return [element("div", { class: "try" }, [inputs, element("div", {}, [prediction.view, error])]), layers.view];
}

const store = settled(async (source, [channels, height, width], shown) => {
  if (channels !== 1 || width * height > 1024) return;
  const drawing = await pack(source, width, height);
  if (shown.isConnected) remember({ drawing });
});
