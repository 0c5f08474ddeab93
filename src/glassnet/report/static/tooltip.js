"use strict";

/* One tooltip for the whole page, for the mouse, touch and the keyboard. */
const tooltip = {
  element: document.body.appendChild(createElement("div", "")),

  /* parts: elements to show; x, y: position in the window, in pixels. */
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

/* Create an element with a class and text or children. */
function createElement(tag, className, ...content) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...content);
  return element;
}

/* Direction of an arrow key: 1, -1, or undefined for other keys. */
function arrowDirection(key) {
  return { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[key];
}

/* Read a design token, which the page defines as a CSS custom property. */
function cssVariable(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function cssNumber(name) {
  return Number(cssVariable(name));
}

tooltip.element.id = "tooltip";
tooltip.element.hidden = true;
tooltip.element.setAttribute("role", "status");
addEventListener("scroll", () => tooltip.hide(), { passive: true });
addEventListener("keydown", (event) => event.key === "Escape" && tooltip.hide());

/* Call functions before and after printing; browsers tell it in two ways. */
function onPrint(before, after = () => {}) {
  addEventListener("beforeprint", before);
  addEventListener("afterprint", after);
  matchMedia("print").addEventListener("change", ({ matches }) => (matches ? before() : after()));
}
