/* Parts of a report or of a comparison on the page: loaded, brought into view, and linked to. */

/* global activate, copyText */

import { remember, settings } from "./address.js";
import { announce, element, respond, showError } from "./dom.js";

/* Load HTML from an address and show it below a panel; `fill` puts it into the box made for it.

Gives whether that worked; what is shown if not makes room for the next attempt. */
export async function loadPart(panel, address, fill = fillWithPart) {
  panel.querySelector(":scope > .report-part")?.remove();
  const box = element("div", { class: "report-part", "aria-busy": "true" }, element("p", { class: "note" }, "Loading…"));
  panel.append(box);
  try {
    fill(box, await (await respond(address)).text());
    activate(box);
    scrollToFinding(panel);
    return true;
  } catch (problem) {
    const error = element("div", { class: "error", role: "alert" });
    showError(error, problem);
    box.replaceChildren(error);
    return false;
  } finally {
    box.removeAttribute("aria-busy");
  }
}

function fillWithPart(box, html) {
  box.innerHTML = html; // rendered by the templates of the report, which escape all values
}

/* Bring the finding of the address into view. */
export function scrollToFinding(panel) {
  const finding = settings().get("finding");
  const figure = finding && panel?.querySelector(`figure[data-name="${CSS.escape(finding)}"]`);
  if (!figure) return;
  figure.tabIndex = -1;
  figure.focus({ preventScroll: true });
  figure.scrollIntoView();
}

/* Copy the address of the view with these settings. */
export function copyLink(values) {
  remember(values);
  copyText(location.href).then(() => announce("The link is copied."));
}
