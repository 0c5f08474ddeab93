/* The report's page: theme, folds, links into folds, and the table of contents. */

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
function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  const inner = target.querySelector(":scope > .fold");
  for (let fold = inner ?? target.closest(".fold"); fold; fold = fold.parentElement.closest(".fold")) fold.open = true;
  target.scrollIntoView();
}
addEventListener("hashchange", openTarget);
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
