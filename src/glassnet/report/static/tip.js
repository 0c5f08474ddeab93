"use strict";

/* One tooltip for the whole page: it shows what lies under the pointer, a tap or the keyboard. */
const tip = {
  element: document.getElementById("tip"),

  /* parts: elements to show; x, y: where, in the window's pixels. */
  show(parts, x, y) {
    this.element.replaceChildren(...parts);
    this.element.hidden = false;
    const { width, height } = this.element.getBoundingClientRect();
    const right = x + 16 + width < innerWidth ? x + 16 : x - 16 - width;
    const below = y + 16 + height < innerHeight ? y + 16 : y - 16 - height;
    const left = Math.max(8, Math.min(right, innerWidth - width - 8));
    this.element.style.transform = `translate(${left}px, ${Math.max(8, below)}px)`;
  },

  hide() {
    this.element.hidden = true;
  },
};

/* An element with a class and text, or with children. */
function make(tag, className, ...content) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...content);
  return element;
}

addEventListener("scroll", () => tip.hide(), { passive: true });
addEventListener("keydown", (event) => event.key === "Escape" && tip.hide());
