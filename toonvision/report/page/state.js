// What is highlighted: the trials within every range and, if points were picked in a plot, among these.
// Ranges are intervals of positions on a column's axis, whichever view has set them.

const page = JSON.parse(document.getElementById("data").textContent);
const ids = page.columns.find((column) => column.name === "trial_id").values;
const column = Object.fromEntries(page.columns.filter((one) => one.axis).map((one) => [one.name, one]));

const state = {
  ranges: new Map(), // by column, a list of [low, high]
  picked: null, // a set of ids
  order: page.order, // of the columns in the linked plots
  table: new Set(page.columns.filter((one) => one.is_shown).map((one) => one.name)),
  parallel: new Set(page.parallel),
  matrix: new Set(page.matrix),
};

const views = []; // each is called with the set of highlighted ids, or null if that is all of them

function highlighted() {
  if (!state.ranges.size && !state.picked) return null;
  const inRanges = (index) =>
    [...state.ranges].every(([name, intervals]) => {
      const position = column[name].axis.values[index];
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
