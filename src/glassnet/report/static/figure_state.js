/* How a figure is shown, as names and texts (its layer, its frame, hidden classes): the report and the page
   keep that in their addresses, so that a link opens the same view. */

/* Events of a figure: the first requests its state, which a listener adds to `detail`; the second has it. */
const STATE_REQUESTED = "figure-state-requested", STATE_CHANGED = "figure-state-changed";
const STATE_WAIT = 300; /* milliseconds without another change */

const stateTimers = new WeakMap();

/* The state that the address has. */
function requestedState(element) {
  const detail = {};
  element.dispatchEvent(new CustomEvent(STATE_REQUESTED, { bubbles: true, detail }));
  return detail;
}

/* Tell the state, which `stateOf` gives, as soon as it rests; what is as it was at first is null in it. */
function tellState(element, stateOf) {
  clearTimeout(stateTimers.get(element));
  stateTimers.set(element, setTimeout(() => {
    if (!element.isConnected) return;
    element.dispatchEvent(new CustomEvent(STATE_CHANGED, { bubbles: true, detail: stateOf() }));
  }, STATE_WAIT));
}
