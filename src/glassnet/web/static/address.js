/* What the page shows is in its address, after the #: a view, and its settings as a query.

`#/run/NAME?tab=layers&film.frame=epoch+2`: a link opens the same view. */

/* global STATE_REQUESTED, STATE_CHANGED */

export function view() {
  try {
    return decodeURIComponent(location.hash.replace(/^#\/?/, "").split("?")[0]);
  } catch {
    return ""; // a % that encodes nothing
  }
}

export function settings() {
  return new URLSearchParams(location.hash.split("?")[1] ?? "");
}

/* The address of a view. */
export function to(name, values = {}) {
  const query = new URLSearchParams(values).toString();
  return `#/${encodeURI(name)}${query ? `?${query}` : ""}`;
}

/* Change settings of the view that is shown, without a step in the history; null removes one. */
export function remember(values) {
  const changed = settings();
  for (const [name, value] of Object.entries(values)) {
    if (value === null) changed.delete(name);
    else changed.set(name, value);
  }
  history.replaceState(null, "", to(view(), changed));
}

/* The figures in an element have their state in the address: `film.layer=pool2` is the layer of the figure `film`. */
export function rememberFigures(host) {
  const nameOf = ({ target }) => `${target.closest("figure").dataset.name}.`;
  host.addEventListener(STATE_REQUESTED, (event) => {
    const start = nameOf(event);
    for (const [name, value] of settings()) {
      if (name.startsWith(start)) event.detail[name.slice(start.length)] = value;
    }
  });
  host.addEventListener(STATE_CHANGED, (event) => {
    const start = nameOf(event);
    remember(Object.fromEntries(Object.entries(event.detail).map(([name, value]) => [start + name, value])));
  });
}
