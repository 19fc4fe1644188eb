// Ranges and places of every column by keyboard: what the brushes do, in fields.

const controls = document.getElementById("controls");
const quick = document.getElementById("quick");
const row = {};

const positionOf = (one, value) => (one.is_log ? Math.log10(value) : value);
const valueAt = (one, position) => (one.is_log ? 10 ** position : position);

function numberFields(one) {
  const field = (label) => element("input", { type: "number", step: "any", ariaLabel: `${one.label} ${label}` });
  const known = one.values.filter((value) => value !== null);
  const [lowest, highest] = known.length ? [Math.min(...known), Math.max(...known)].map((end) => String(Number(end.toPrecision(4)))) : ["", ""];
  const from = field("at least");
  const to = field("at most");
  const read = () => {
    const low = from.value === "" ? one.low : positionOf(one, from.valueAsNumber); // what is missing lies below
    const high = to.value === "" ? one.axis.range[1] : positionOf(one, to.valueAsNumber);
    setRange(one.name, from.value === "" && to.value === "" ? null : [[low, high]]);
    changed();
  };
  from.addEventListener("change", read);
  to.addEventListener("change", read);
  const show = (intervals) => {
    const text = (position) => String(Number(valueAt(one, position).toPrecision(4)));
    from.value = intervals?.length === 1 && intervals[0][0] > one.low ? text(intervals[0][0]) : "";
    to.value = intervals?.length === 1 && intervals[0][1] < one.axis.range[1] ? text(intervals[0][1]) : "";
    const several = intervals?.length > 1 ? `${intervals.length} ranges` : "";
    from.placeholder = several || lowest;
    to.placeholder = several || highest;
  };
  return { nodes: [element("label", {}, "from ", from), element("label", {}, "to ", to)], show };
}

function categoryFields(one) {
  const boxes = one.axis.tickvals.map((position, index) => {
    const box = element("input", { type: "checkbox", checked: true });
    return { position, box, label: element("label", {}, box, one.axis.ticktext[index]) };
  });
  const read = () => {
    const chosen = boxes.filter(({ box }) => box.checked);
    const intervals = chosen.map(({ position }) => [position - 0.4, position + 0.4]);
    const none = [[one.axis.range[0], one.axis.range[0] + 0.05]];
    setRange(one.name, chosen.length === boxes.length ? null : intervals.length ? intervals : none);
    changed();
  };
  for (const { box } of boxes) box.addEventListener("change", read);
  const show = (intervals) => {
    for (const { position, box } of boxes)
      box.checked = !intervals || intervals.some(([low, high]) => low <= position && position <= high);
  };
  return { nodes: boxes.map(({ label }) => label), show };
}

function placeFields(one, table) {
  const box = (view, label, act) => {
    const input = element("input", { type: "checkbox", checked: state[view].has(one.name), ariaLabel: `${one.label} in ${label}` });
    input.addEventListener("change", () => {
      if (input.checked) state[view].add(one.name);
      else state[view].delete(one.name);
      act(input.checked);
    });
    return element("label", {}, input, label);
  };
  const places = [box("table", "table", (isShown) => table.column(page.columns.indexOf(one)).visible(isShown))];
  if (!one.axis) return places;
  const redraw = () => reordered();
  const move = (step, sign, label) => {
    const button = element("button", { type: "button", ariaLabel: `Move ${one.label} ${label}` }, sign);
    button.addEventListener("click", () => {
      const from = state.order.indexOf(one.name);
      const to = Math.min(Math.max(from + step, 0), state.order.length - 1);
      state.order = state.order.toSpliced(from, 1).toSpliced(to, 0, one.name);
      reordered();
      button.focus();
    });
    return button;
  };
  return [...places, box("parallel", "parallel", redraw), box("matrix", "matrix", redraw), element("span", {}, move(-1, "↑", "forward"), " ", move(1, "↓", "back"))];
}

function makeControls(table) {
  for (const one of page.columns) {
    const fields = !one.axis ? { nodes: [], show: () => {} } : one.kind === "number" ? numberFields(one) : categoryFields(one);
    const node = element(
      "fieldset",
      { className: "column" },
      element("span", { className: "name" }, one.label),
      element("span", { className: "ranges" }, ...fields.nodes),
      element("span", { className: "places" }, ...placeFields(one, table)),
    );
    node.setAttribute("aria-label", one.label);
    node.dataset.column = one.name;
    row[one.name] = { node, show: fields.show };
  }
  const score = numberFields(column.score);
  score.nodes[0].prepend(`${column.score.label} `);
  quick.append(...score.nodes);
  row.quick = { node: quick, show: score.show };
  orderControls();
  showControls();
  views.push(showControls, showStatus);
}

function orderControls() {
  const texts = page.columns.filter((one) => !one.axis).map((one) => one.name);
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
