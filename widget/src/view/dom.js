const SVG = "http://www.w3.org/2000/svg";

/**
 * @typedef {Node | string | null | undefined | false} Child
 */

/**
 * Builds one element. Words become text nodes, always: there is no way to pass markup.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} [attributes] `class`, `onclick` and other listeners, the rest as
 *   attributes; false, null and undefined leave one out, true sets it without a value.
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    } else {
      setAttribute(element, name, value);
    }
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/**
 * @param {string} kind its class, which decides how it looks.
 * @param {() => void} onclick
 * @param {...Child} children
 * @returns {HTMLButtonElement} one that does something here and sends no form.
 */
export function button(kind, onclick, ...children) {
  return h("button", { type: "button", class: kind, onclick: () => onclick() }, ...children);
}

/**
 * @param {Element} element
 * @param {string} name
 * @param {unknown} value
 */
export function setAttribute(element, name, value) {
  if (value === false || value === null || value === undefined) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? "" : String(value));
}

/**
 * Changes an element's words only when they differ, so that nothing is read out or drawn twice.
 *
 * @param {Node} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Drawn on a grid of 24, with strokes of 2. */
const ICONS = {
  chat: "M4 5.5h16a1 1 0 0 1 1 1V16a1 1 0 0 1-1 1h-8l-5 4v-4H4a1 1 0 0 1-1-1V6.500a1 1 0 0 1 1-1z M8 10h8 M8 13.200h5",
  down: "M5 9l7 7 7-7",
  more: "M5 12h.01 M12 12h.01 M19 12h.01",
  send: "M4 12l16-8-6 16-3-6z M11 14l9-10",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8z M4.500 20.500c.8-4 3.800-6 7.500-6s6.700 2 7.500 6",
  check: "M5 12.500l4.500 4.500L19 7.500",
  alert: "M12 3.500l9.500 17h-19z M12 10v4.500 M12 17.500h.01",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z M12 7v5l3.500 2",
  phone: "M6 3.500h3l2 5-2.500 1.500a12 12 0 0 0 5.500 5.500l1.500-2.500 5 2v3a2 2 0 0 1-2 2A16.500 16.500 0 0 1 4 5.500a2 2 0 0 1 2-2z",
  heart: "M12 20s-7.500-4.600-7.500-10.200A4.300 4.300 0 0 1 12 7.300a4.300 4.300 0 0 1 7.500 2.500C19.500 15.400 12 20 12 20z",
};

/**
 * @param {keyof typeof ICONS} name
 * @returns {SVGElement} a drawing that screen readers pass over.
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/**
 * @param {string} css
 * @returns {CSSStyleSheet} a sheet that no Content-Security-Policy needs an exception for.
 */
export function styleSheet(css) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  return sheet;
}
