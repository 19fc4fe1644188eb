// The plots: drawn when they come near the screen, in the colour scheme of the browser.

const dark = matchMedia("(prefers-color-scheme: dark)");
const coarse = matchMedia("(pointer: coarse)");
// Where nothing hovers, as on a phone, the bar of buttons would always lie on the legend; a double tap resets a plot.
const displayModeBar = matchMedia("(hover: none)").matches ? false : "hover";
const settings = { responsive: true, displaylogo: false, showSendToCloud: false, displayModeBar };
const buttons = { linked: ["select2d", "lasso2d", "zoom2d", "pan2d", "resetScale2d"], plain: ["zoom2d", "pan2d", "resetScale2d"] };
const begun = new Set();
const drawn = new Set();

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;"); // Plotly takes <b> for markup
}

const shownIn = (view) => state.order.filter((name) => state[view].has(name)).map((name) => columns[name]);

const template = () => page.templates[dark.matches ? "dark" : "light"];
const scale = () => ({ color: page.colors, cmin: 0, cmax: 1, colorscale: template().layout.colorscale.sequential });

const made = {
  parallel: () => {
    const dimensions = shownIn("parallel").map((column) => ({
      ...column.axis,
      ticktext: column.axis.ticktext.map(escaped),
      name: column.name,
      label: escaped(column.label),
      constraintrange: state.ranges.get(column.name),
    }));
    if (state.picked)
      dimensions.push({
        name: "picked",
        label: "picked",
        values: ids.map((id) => (state.picked.has(id) ? 1 : 0)),
        tickvals: [0, 1],
        ticktext: ["no", "yes"],
        range: [-0.5, 1.5],
        constraintrange: [0.6, 1.4],
      });
    const layout = { margin: { l: 48, r: 48, t: 76, b: 16 } };
    return { data: [{ type: "parcoords", line: scale(), dimensions, labelangle: -20, labelside: "top" }], layout };
  },
  matrix: () => {
    const shown = shownIn("matrix");
    const layout = { dragmode: "select", hovermode: "closest", margin: { l: 72, r: 8, t: 8, b: 56 } };
    shown.forEach((column, index) => {
      const { tickvals, range } = column.axis;
      const axis = { tickvals, range, ticktext: column.axis.ticktext.map(escaped), tickfont: { size: 10 }, zeroline: false };
      layout[`xaxis${index + 1}`] = { ...axis, tickangle: -35 };
      layout[`yaxis${index + 1}`] = axis;
    });
    const inFront = ids.map((_, index) => index).sort((a, b) => page.colors[a] - page.colors[b]); // the best one last
    const sorted = (values) => inFront.map((index) => values[index]);
    const symbol = sorted(columns.status.values).map((status) => page.symbols[status]);
    const color = sorted(page.colors);
    const trace = {
      type: "splom",
      dimensions: shown.map((column) => ({ values: sorted(column.axis.values), label: escaped(column.label) })),
      customdata: sorted(ids),
      hovertemplate: "trial %{customdata}<extra></extra>",
      marker: { ...scale(), color, symbol, size: 7, opacity: 0.85, line: { width: 0 } },
      diagonal: { visible: false },
      showupperhalf: false,
    };
    return { data: [trace], layout };
  },
};

const isLinked = (trace) => Boolean(trace.customdata || trace.meta?.trial);

function withSelection(data, chosen) {
  if (!chosen) return data;
  return data.map((trace) => {
    if (trace.type === "contour") return { ...trace, z: scoresOf(trace, data.find(isLinked), chosen) };
    if (trace.meta?.trial) return { ...trace, opacity: chosen.has(trace.meta.trial) ? 1 : 0.15 };
    if (!trace.customdata) return trace;
    return { ...trace, selectedpoints: trace.customdata.flatMap((id, index) => (chosen.has(id) ? [index] : [])) };
  });
}

// The best score of the highlighted trials at each position of a contour.
function scoresOf({ x, y, z, meta }, points, chosen) {
  const best = z.map((cells) => cells.map(() => null));
  const better = meta.direction === "min" ? Math.min : Math.max;
  points.customdata.forEach((id, index) => {
    if (!chosen.has(id)) return;
    const cells = best[y.indexOf(points.y[index])];
    const column = x.indexOf(points.x[index]);
    cells[column] = cells[column] === null ? meta.scores[index] : better(cells[column], meta.scores[index]);
  });
  return best;
}

function draw(node, chosen = highlighted()) {
  const { view, figure } = node.dataset;
  const { data, layout } = view ? made[view]() : page.figures[figure];
  if (view) node.style.setProperty("--axes", data[0].dimensions.length);
  const canPick = data.some((trace) => trace.customdata);
  const modeBarButtons = view === "parallel" ? [] : [canPick ? buttons.linked : buttons.plain];
  // On a touch screen, dragging scrolls; there, fields set the ranges.
  const dragmode = coarse.matches ? false : layout.dragmode ?? (canPick ? "select" : "zoom");
  const themed = { ...layout, dragmode, template: template(), selections: [] };
  return Plotly.react(node, withSelection(data, chosen), themed, { ...settings, modeBarButtons });
}

const hasWebGL = Boolean(document.createElement("canvas").getContext("webgl"));

async function begin(node) {
  begun.add(node);
  if (node.dataset.view && !hasWebGL) {
    node.replaceWith(element("p", { className: "missing", textContent: "This plot needs WebGL, which this browser does not offer." }));
    return;
  }
  await draw(node);
  drawn.add(node);
  node.dataset.drawn = "";
  if (node.dataset.view === "parallel") listenToBrushes(node);
  else listenToPicks(node);
}

function listenToBrushes(node) {
  const view = views.parallel;
  node.on("plotly_restyle", () => {
    const dimensions = node.data[0].dimensions;
    for (const { name, constraintrange } of dimensions) {
      if (name === "picked") {
        if (!constraintrange) state.picked = null;
        continue;
      }
      const several = Array.isArray(constraintrange?.[0]) ? constraintrange : constraintrange && [constraintrange];
      setRange(name, several);
    }
    const names = dimensions.map(({ name }) => name).filter((name) => name in columns);
    const moved = names.values(); // the columns that the plot does not show keep their places
    const order = state.order.map((name) => (state.parallel.has(name) ? moved.next().value : name));
    const isMoved = order.some((name, index) => name !== state.order[index]);
    state.order = order;
    changed(view);
    if (isMoved) reordered("parallel");
  });
}

function listenToPicks(node) {
  node.on("plotly_selected", (event) => {
    if (!event?.points.some((point) => point.customdata)) return;
    state.picked = new Set(event.points.map((point) => point.customdata));
    changed();
  });
  node.on("plotly_deselect", () => {
    if (state.picked) {
      state.picked = null;
      changed();
    }
  });
}

function drawPlots() {
  drawNear(begin, begun, drawn);
  const redraw = (chosen) => (node) => draw(node, chosen);
  const isParallel = (node) => node.dataset.view === "parallel";
  views.parallel = (chosen) => [...drawn].filter(isParallel).forEach(redraw(chosen));
  const others = (chosen) => [...drawn].filter((node) => !isParallel(node) && node.data.some(isLinked)).forEach(redraw(chosen));
  views.push(views.parallel, others);
  dark.addEventListener("change", () => [...drawn].forEach((node) => draw(node)));
}

function reordered(except) {
  for (const node of drawn) if (node.dataset.view && node.dataset.view !== except) draw(node);
  orderControls();
}
