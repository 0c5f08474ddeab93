/* The network to try, on inputs of one's own: a panel for each kind of network. */

import { element, request, showError } from "./dom.js";
import { generatorPanel } from "./try_generator.js";
import { imagePanel } from "./try_images.js";
import { textPanel } from "./try_texts.js";

/* A panel that loads the network, and fills itself, when it is shown; if that fails, when it is shown again. */
export function tryPanel(run, address) {
  const error = element("div", { class: "error", role: "alert", hidden: true });
  const state = element("p", { class: "secondary" }, "Loading the network");
  const panel = element("div", { class: "try-panel" }, [state, error]);
  let isLoading = false;
  panel.addEventListener("shown", async () => {
    if (isLoading) return;
    isLoading = true;
    state.hidden = false;
    error.hidden = true;
    try {
      const network = await request(`${address}/network`);
      panel.replaceChildren(...panelOf(network)(network, address));
    } catch (problem) {
      isLoading = false;
      state.hidden = true;
      showError(error, problem);
    }
  });
  return panel;
}

function panelOf({ family, modality }) {
  if (family === "generator") return generatorPanel;
  return modality === "texts" ? textPanel : imagePanel;
}
