// The highlighted trials: those within all ranges and, if points were picked in a plot, among these points.
// A range is a list of intervals on the axis of a column, whichever view set it.

const page = JSON.parse(document.getElementById("data").textContent);
const ids = page.columns.find((column) => column.name === "trial_id").values;
const columns = Object.fromEntries(page.columns.filter((column) => column.axis).map((column) => [column.name, column]));

const state = {
  ranges: new Map(), // by column, a list of [low, high]
  picked: null, // a set of ids
  order: page.order, // of the columns in the linked plots
  table: new Set(page.columns.filter((column) => column.is_shown).map((column) => column.name)),
  parallel: new Set(page.parallel),
  matrix: new Set(page.matrix),
};

const views = []; // each is called with the set of highlighted ids, or null if that is all of them

function highlighted() {
  if (!state.ranges.size && !state.picked) return null;
  const inRanges = (index) =>
    [...state.ranges].every(([name, intervals]) => {
      const position = columns[name].axis.values[index];
      return intervals.some(([low, high]) => low <= position && position <= high);
    });
  return new Set(ids.filter((id, index) => (!state.picked || state.picked.has(id)) && inRanges(index)));
}

function changed(source) {
  const chosen = highlighted();
  for (const view of views) if (view !== source) view(chosen);
}

function setRange(name, intervals) {
  if (intervals?.length) state.ranges.set(name, intervals);
  else state.ranges.delete(name);
}

function reset() {
  state.ranges.clear();
  state.picked = null;
  changed();
}

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}
