/* Elements, requests and errors. */

/* An element with attributes and children; texts are never read as markup. */
export function element(tag, attributes = {}, children = []) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...[children].flat().map((child) => (typeof child === "string" ? together(child) : child ?? "")));
  return made;
}

/* A number and its unit stay on one line. */
function together(text) {
  return text.replace(/(\d) (%|points|nats|kB|MB)/g, "$1\u00a0$2");
}

export function svg(tag, attributes = {}, text = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text) made.textContent = text;
  return made;
}

/* What is thrown if the server is not there. */
export const GONE = { error: "the server does not answer", hint: "start it again with: glassnet web" };
export const WAIT_IF_GONE = 3000; /* milliseconds until the next attempt */

/* The response of an address; an error has `error` and `hint`. */
export async function respond(address, options = {}) {
  const response = await fetch(address, options).catch((problem) => { throw problem.name === "AbortError" ? problem : GONE; });
  if (!response.ok) throw await response.json().catch(() => ({ error: `status ${response.status}`, hint: "try again" }));
  return response;
}

/* JSON from an address; with a body it is posted. */
export async function request(address, body) {
  const options = body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  return (await respond(address, options)).json().catch(() => { throw GONE; });
}

/* Have a sentence read out. */
export function announce(text) {
  document.getElementById("announce").textContent = text;
}

export function showError(box, problem) {
  const hint = String(problem.hint ?? "");
  box.replaceChildren(element("p", {}, `${problem.error ?? problem}`), element("p", {}, hint));
  box.hidden = false;
}
