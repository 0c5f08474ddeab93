/* Groups with one tab stop: arrow keys move between their elements, as in a toolbar. */

/* step: (key) -> how many elements to go, or undefined; the elements are looked up when a key is pressed. */
function makeRoving(group, selector, step = arrowDirection) {
  const elements = () => [...group.querySelectorAll(selector)].filter((each) => !each.hidden);
  const stop = (current) => elements().forEach((each) => { each.tabIndex = each === current ? 0 : -1; });
  stop(elements()[0]);
  group.addEventListener("focusin", ({ target }) => {
    if (target.matches(selector)) stop(target);
  });
  group.addEventListener("keydown", (event) => {
    const all = elements(), index = all.indexOf(event.target);
    const last = all.length - 1;
    const next = { Home: 0, End: last }[event.key] ?? index + (step(event.key) ?? NaN);
    if (index < 0 || Number.isNaN(next)) return;
    event.preventDefault();
    all[Math.max(0, Math.min(last, next))].focus();
  });
}

/* Elements that scroll are reached by keyboard, others need not be. */
function stopWhereItScrolls(scroller) {
  new ResizeObserver(() => {
    const { scrollWidth, clientWidth, scrollHeight, clientHeight } = scroller;
    if (scrollWidth > clientWidth || scrollHeight > clientHeight) scroller.tabIndex = 0;
    else scroller.removeAttribute("tabindex");
  }).observe(scroller);
}
