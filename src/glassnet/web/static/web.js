/* The live page: its views, by address, and its theme. */

import { view } from "./address.js";
import { showHome } from "./home.js";
import { showRun } from "./run.js";

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
  document.getElementById("place").textContent = run;
  document.title = run ? `${run} – glassnet` : "glassnet";
  main.replaceChildren();
  leave = run ? showRun(main, run) : showHome(main);
  window.scrollTo(0, 0);
}

addEventListener("hashchange", () => { route(); main.focus({ preventScroll: true }); });
route();
