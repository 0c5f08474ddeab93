/* The live page: its views, by address, and its theme. */

import { view } from "./address.js";
import { showCompare } from "./compare.js";
import { showHome } from "./home.js";
import { showRun } from "./run.js";
import { showTrain } from "./train.js";

const VIEWS = { train: ["Train", showTrain], compare: ["Compare", showCompare] };
const main = document.getElementById("content");
let leave = () => {};

document.getElementById("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const isDark = (root.dataset.theme ?? (dark ? "dark" : "light")) === "dark";
  root.dataset.theme = isDark ? "light" : "dark";
});

function route() {
  leave();
  const name = view();
  const run = name.startsWith("run/") ? name.slice(4) : "";
  const [title, show] = VIEWS[name] ?? [run, run ? showRun : showHome];
  document.getElementById("place").textContent = title;
  document.title = title ? `${title} – glassnet` : "glassnet";
  main.replaceChildren();
  leave = show(main, run);
  window.scrollTo(0, 0);
}

addEventListener("hashchange", () => { route(); main.focus({ preventScroll: true }); });
route();
