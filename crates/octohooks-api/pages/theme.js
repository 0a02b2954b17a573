/**
 * Fits the page to any theme around it: what colour it stands on becomes a CSS variable, and whether that is dark an
 * attribute.
 */

/** Looks now and when the system's colours change; returns a function that looks again, with `stop`. */
export function followTheme(element) {
  const look = () => applySurface(element);
  const scheme = window.matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", look);
  look();
  look.stop = () => scheme.removeEventListener("change", look);
  return look;
}

function applySurface(element) {
  const [red, green, blue] = surfaceBehind(element);
  const brightness = (red * 299 + green * 587 + blue * 114) / 1000;
  element.style.setProperty("--wh-surface", `rgb(${red}, ${green}, ${blue})`);
  element.setAttribute("data-wh-theme", brightness < 128 ? "dark" : "light");
}

/** The first background behind an element that can be taken for opaque; white when there is none. */
function surfaceBehind(element) {
  for (let ancestor = element; ancestor !== null; ancestor = ancestor.parentElement) {
    const parts = getComputedStyle(ancestor).backgroundColor.match(/[\d.]+/g)?.map(Number) ?? [];
    const [red, green, blue, alpha = 1] = parts;
    if (parts.length >= 3 && alpha > 0.5) {
      return [red, green, blue];
    }
  }
  return [255, 255, 255];
}
