/* Lists of examples below a figure: image or text, class, and what the network predicts. */

/* Hovering over or focusing an item rings its point, where `onSelect` does that. */
function exampleItem(examples, point, { name, notes = [], onSelect = () => {} }) {
  const image = examples?.spriteSheet ? [examples.thumbnail(point)] : [];
  const text = examples?.texts.length ? [examples.text(point)] : [];
  const prediction = examples?.predicted && examples.isWrong(point)
    ? [createElement("span", "is-wrong", examples.describePrediction(point))] : [];
  const button = createElement("button", "",
    ...image, createElement("span", "", createElement("strong", "", name), ...prediction,
      ...notes.map((note) => createElement("span", "secondary", note))), ...text);
  button.type = "button";
  button.title = examples ? `example ${examples.ids[point]}` : `point ${point}`;
  button.addEventListener("pointerenter", () => onSelect(point));
  button.addEventListener("focus", () => onSelect(point));
  button.addEventListener("pointerleave", () => onSelect(null));
  button.addEventListener("blur", () => onSelect(null));
  const item = createElement("li", "", button);
  item.dataset.point = point;
  return item;
}

/* Show items below a heading, with one tab stop for all of them; hide the list if there are none. */
function showList(list, heading, items) {
  list.hidden = !heading;
  if (!heading) return list.replaceChildren();
  const note = createElement("p", "note", heading);
  note.setAttribute("role", "status");
  const all = createElement("ul", "", ...items);
  list.replaceChildren(note, all);
  if (items.length) makeRoving(all, "button");
}

function closeButton(label, onClick) {
  const button = createElement("button", "switch", label);
  button.type = "button";
  button.addEventListener("click", onClick);
  return button;
}
