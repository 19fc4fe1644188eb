// Draws the legend of the symbols, then the views.

const outlines = {
  circle: "M6 1a5 5 0 1 0 .01 0z",
  square: "M2 2h8v8h-8z",
  diamond: "M6 0.5l5.5 5.5-5.5 5.5-5.5-5.5z",
  "triangle-up": "M6 1l5.2 9.5h-10.4z",
  cross: "M4 1h4v3h3v4h-3v3h-4v-3h-3v-4h3z",
  star: "M6 0.5l1.6 3.7 4 .3-3 2.7.9 3.9L6 9l-3.5 2.1.9-3.9-3-2.7 4-.3z",
};
const legend = document.getElementById("symbols");
for (const status of columns.status.categories) {
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawing.setAttribute("viewBox", "0 0 12 12");
  drawing.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", outlines[page.symbols[status]]);
  drawing.append(path);
  legend.append(element("span", {}, drawing, status.toLowerCase()));
}

makeControls(drawTable());
drawPlots();
document.documentElement.dataset.ready = "";
