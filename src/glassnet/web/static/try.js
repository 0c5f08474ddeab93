/* The network to try, on inputs of one's own: a panel for each kind of network. */

import { element, request, showError } from "./dom.js";
import { generatorPanel } from "./try_generator.js";
import { imagePanel } from "./try_images.js";
import { textPanel } from "./try_texts.js";

/* A panel that loads the network, and fills itself, when it is shown for the first time. */
export function tryPanel(run, address) {
  const error = element("div", { class: "error", role: "alert", hidden: true });
  const panel = element("div", { class: "try-panel" }, [element("p", { class: "secondary" }, "Loading the network"), error]);
  panel.addEventListener("shown", () => request(`${address}/network`).then(
    (network) => panel.replaceChildren(...panelOf(network)(network, address)),
    (problem) => showError(error, problem),
  ), { once: true });
  return panel;
}

function panelOf({ family, modality }) {
  if (family === "generator") return generatorPanel;
  return modality === "texts" ? textPanel : imagePanel;
}
