// The plots of a leaderboard: drawn when they come near the screen, in the colour scheme of the browser.

const page = JSON.parse(document.getElementById("data").textContent);
const dark = matchMedia("(prefers-color-scheme: dark)");
const settings = { responsive: true, displaylogo: false, showSendToCloud: false, displayModeBar: false };
const drawn = new Set();

function draw(node) {
  const { data, layout } = page.figures[node.dataset.figure];
  const template = page.templates[dark.matches ? "dark" : "light"];
  const colored = data.map((trace) => {
    const color = template.layout.colorway[trace.meta.series];
    return { ...trace, line: { ...trace.line, color }, fillcolor: `${color}26` };
  });
  return Plotly.react(node, colored, { ...layout, dragmode: false, template }, settings);
}

async function begin(node) {
  drawn.add(node);
  await draw(node);
  node.dataset.drawn = "";
}

drawNear(begin, drawn, drawn);
dark.addEventListener("change", () => drawn.forEach(draw));
document.documentElement.dataset.ready = "";
