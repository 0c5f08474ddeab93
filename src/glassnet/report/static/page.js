/* The report's page: theme, folds, links into folds, and the table of contents. */

/* The link of a figure has its state after a question mark, and so has the address. */
const queryOf = (hash) => new URLSearchParams(hash.split("?")[1]);
document.addEventListener(STATE_REQUESTED, ({ target, detail }) => {
  if (location.hash.startsWith(`#${target.closest("figure").id}?`)) Object.assign(detail, Object.fromEntries(queryOf(location.hash)));
});
document.addEventListener(STATE_CHANGED, ({ target, detail }) => {
  const figure = target.closest("figure"), query = new URLSearchParams();
  for (const [name, value] of Object.entries(detail)) if (value !== null) query.set(name, value);
  const hash = query.size ? `#${figure.id}?${query}` : `#${figure.id}`;
  figure.querySelector(".figure-menu [data-finding]").setAttribute("href", hash);
  history.replaceState(null, "", hash);
});

activate(document);

const prefersDark = matchMedia("(prefers-color-scheme: dark)");
document.getElementById("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const isDark = (root.dataset.theme ?? (prefersDark.matches ? "dark" : "light")) === "dark";
  root.dataset.theme = isDark ? "light" : "dark";
});

/* Parts are folded on a phone; a report on several runs has them folded from the start. */
const folds = [...document.querySelectorAll(".fold")];
if (matchMedia("(max-width: 43.99rem)").matches) folds.forEach((fold) => { fold.open = false; });

/* A link opens what it leads into. */
const targetOfHash = () => document.getElementById(decodeURIComponent(location.hash.slice(1).split("?")[0]));
function openTarget() {
  const target = targetOfHash();
  if (!target) return;
  const inner = target.querySelector(":scope > .fold");
  for (let fold = inner ?? target.closest(".fold"); fold; fold = fold.parentElement.closest(".fold")) fold.open = true;
  target.scrollIntoView();
}

/* A link that is pasted into the open report has another state than its figure, which reads it when it starts. */
addEventListener("hashchange", () => {
  const shown = targetOfHash()?.querySelector(".figure-menu [data-finding]")?.getAttribute("href");
  if (location.hash.includes("?") && shown && shown !== location.hash) location.reload();
  else openTarget();
});
openTarget();

/* A print has all parts. */
let foldedOnScreen = null;
onPrint(() => {
  foldedOnScreen ??= folds.filter((fold) => !fold.open);
  folds.forEach((fold) => { fold.open = true; });
}, () => {
  foldedOnScreen?.forEach((fold) => { fold.open = false; });
  foldedOnScreen = null;
});

/* Mark the part that is in view in the table of contents. */
const contentsLinks = new Map([...document.querySelectorAll(".contents a")].map((link) =>
  [link.hash.slice(1), link]));
const partObserver = new IntersectionObserver((entries) => entries.forEach(({ target, isIntersecting }) => {
  const link = contentsLinks.get(target.id);
  if (!link) return;
  if (isIntersecting) link.setAttribute("aria-current", "true");
  else link.removeAttribute("aria-current");
}), { rootMargin: "-30% 0px -65% 0px" });
document.querySelectorAll(".part").forEach((part) => partObserver.observe(part));
