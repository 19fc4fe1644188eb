// Fields for the ranges, places and order of the columns, as an alternative to dragging in the plots.

const controls = document.getElementById("controls");
const quick = document.getElementById("quick");
const row = {};

const positionOf = (column, value) => (column.is_log ? Math.log10(value) : value);
const valueAt = (column, position) => (column.is_log ? 10 ** position : position);

function numberFields(column) {
  const field = (label) => element("input", { type: "number", step: "any", ariaLabel: `${column.label} ${label}` });
  const known = column.values.filter((value) => value !== null);
  const [lowest, highest] = known.length ? [Math.min(...known), Math.max(...known)].map((end) => String(Number(end.toPrecision(4)))) : ["", ""];
  const from = field("at least");
  const to = field("at most");
  const read = () => {
    const low = from.value === "" ? column.low : positionOf(column, from.valueAsNumber); // missing values are below
    const high = to.value === "" ? column.axis.range[1] : positionOf(column, to.valueAsNumber);
    setRange(column.name, from.value === "" && to.value === "" ? null : [[low, high]]);
    changed();
  };
  from.addEventListener("change", read);
  to.addEventListener("change", read);
  const show = (intervals) => {
    const text = (position) => String(Number(valueAt(column, position).toPrecision(4)));
    from.value = intervals?.length === 1 && intervals[0][0] > column.low ? text(intervals[0][0]) : "";
    to.value = intervals?.length === 1 && intervals[0][1] < column.axis.range[1] ? text(intervals[0][1]) : "";
    const several = intervals?.length > 1 ? `${intervals.length} ranges` : "";
    from.placeholder = several || lowest;
    to.placeholder = several || highest;
  };
  return { nodes: [element("label", {}, "from ", from), element("label", {}, "to ", to)], show };
}

function categoryFields(column) {
  const boxes = column.axis.tickvals.map((position, index) => {
    const box = element("input", { type: "checkbox", checked: true });
    return { position, box, label: element("label", {}, box, column.axis.ticktext[index]) };
  });
  const read = () => {
    const chosen = boxes.filter(({ box }) => box.checked);
    const intervals = chosen.map(({ position }) => [position - 0.4, position + 0.4]);
    const none = [[column.axis.range[0], column.axis.range[0] + 0.05]];
    setRange(column.name, chosen.length === boxes.length ? null : intervals.length ? intervals : none);
    changed();
  };
  for (const { box } of boxes) box.addEventListener("change", read);
  const show = (intervals) => {
    for (const { position, box } of boxes)
      box.checked = !intervals || intervals.some(([low, high]) => low <= position && position <= high);
  };
  return { nodes: boxes.map(({ label }) => label), show };
}

function placeFields(column, table) {
  const box = (view, label, act) => {
    const input = element("input", { type: "checkbox", checked: state[view].has(column.name), ariaLabel: `${column.label} in ${label}` });
    input.addEventListener("change", () => {
      if (input.checked) state[view].add(column.name);
      else state[view].delete(column.name);
      act(input.checked);
    });
    return element("label", {}, input, label);
  };
  const places = [box("table", "table", (isShown) => table.column(table.colReorder.transpose(page.columns.indexOf(column), "toCurrent")).visible(isShown))];
  if (!column.axis) return places;
  const redraw = () => reordered();
  const move = (step, sign, label) => {
    const button = element("button", { type: "button", ariaLabel: `Move ${column.label} ${label}` }, sign);
    button.addEventListener("click", () => {
      const from = state.order.indexOf(column.name);
      const to = Math.min(Math.max(from + step, 0), state.order.length - 1);
      state.order = state.order.toSpliced(from, 1).toSpliced(to, 0, column.name);
      reordered();
      button.focus();
    });
    return button;
  };
  return [...places, box("parallel", "parallel", redraw), box("matrix", "matrix", redraw), element("span", {}, move(-1, "↑", "forward"), " ", move(1, "↓", "back"))];
}

function makeControls(table) {
  for (const column of page.columns) {
    const fields = !column.axis ? { nodes: [], show: () => {} } : column.kind === "number" ? numberFields(column) : categoryFields(column);
    const node = element(
      "fieldset",
      { className: "column" },
      element("span", { className: "name" }, column.label),
      element("span", { className: "ranges" }, ...fields.nodes),
      element("span", { className: "places" }, ...placeFields(column, table)),
    );
    node.setAttribute("aria-label", column.label);
    node.dataset.column = column.name;
    row[column.name] = { node, show: fields.show };
  }
  const score = numberFields(columns.score);
  score.nodes[0].prepend(`${columns.score.label} `);
  quick.append(...score.nodes);
  row.quick = { node: quick, show: score.show };
  orderControls();
  showControls();
  views.push(showControls, showStatus);
}

function orderControls() {
  const texts = page.columns.filter((column) => !column.axis).map((column) => column.name);
  controls.append(...[...state.order, ...texts].map((name) => row[name].node));
}

function showControls() {
  for (const [name, { node, show }] of Object.entries(row)) {
    const intervals = state.ranges.get(name === "quick" ? "score" : name);
    node.classList.toggle("ranged", Boolean(intervals));
    show(intervals);
  }
}

const bar = document.getElementById("status");
bar.querySelector("button").addEventListener("click", reset);

function showStatus(chosen) {
  bar.hidden = chosen === null;
  bar.querySelector("span").textContent = chosen ? `${chosen.size} of ${ids.length} trials highlighted` : "";
}
