/** How elements are made: text only ever becomes text nodes, so what people typed can never become markup. */

const SVG = "http://www.w3.org/2000/svg";

/** One element; `on…` are listeners, `data` and `vars` fill dataset and CSS variables, other keys are attributes. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "data") Object.assign(element.dataset, value);
    else if (key === "vars") for (const [name, v] of Object.entries(value)) element.style.setProperty(name, v);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** An icon of the page's own symbol sheet. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  svg.setAttribute("class", "i");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

export const byId = (id) => document.getElementById(id);

/** The coloured tile of a person or the bot: the last two characters of a Chinese name, initials of another. */
export function avatar(id, name) {
  if (id === "bot") return h("span", { class: "avatar bot", "aria-hidden": "true" }, "值");
  const latin = /^[\x20-\x7e]+$/.test(name);
  const letters = latin ? name.split(/\s+/).map((word) => word[0]).join("").slice(0, 2).toUpperCase() : name.slice(-2);
  let hue = 0;
  for (const character of id) hue = (hue * 31 + character.codePointAt(0)) % 360;
  return h("span", { class: "avatar", "aria-hidden": "true", vars: { "--hue": String(hue) } }, letters);
}

const signatures = new WeakMap();

/** Replaces the children of `parent` by `wanted` ([key, signature, make] each), keeping every element that did not change. */
export function reconcile(parent, wanted) {
  const old = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let place = parent.firstElementChild;
  for (const [key, signature, make] of wanted) {
    let element = old.get(key);
    old.delete(key);
    if (!element || signatures.get(element) !== signature) {
      const fresh = make();
      fresh.dataset.key = key;
      signatures.set(fresh, signature);
      if (element === place && element) place = place.nextElementSibling;
      element?.remove();
      element = fresh;
    }
    if (element === place) place = place.nextElementSibling;
    else parent.insertBefore(element, place);
  }
  for (const child of old.values()) child.remove();
}
