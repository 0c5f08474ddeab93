/* What the page shows is in its address, after the #: a view, and its settings as a query.

`#/run/NAME?tab=layers&layer=pool2`: a link opens the same view. */

export function view() {
  return decodeURIComponent(location.hash.replace(/^#\/?/, "").split("?")[0]);
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
