// On a served page: loads it again when the run has changed, with the same ranges, columns and place as before.
// The server puts `const version = ...` before this script.

const KEPT = "toonvision";
const PAUSE = 2000; // milliseconds between two questions for the version
const trials = new DataTable.Api("#table");
const note = element("span", { role: "status" }, " · live");
document.querySelector(".eyebrow").append(note);

function keep() {
  const kept = {
    ranges: [...state.ranges],
    picked: state.picked && [...state.picked],
    order: state.order,
    ...Object.fromEntries(["table", "parallel", "matrix"].map((view) => [view, [...state[view]]])),
    sorted: trials.order(),
    length: trials.page.len(),
    page: trials.page(),
    searched: trials.search(),
    open: [...document.querySelectorAll("details")].map((details) => details.open),
    top: scrollY,
  };
  sessionStorage.setItem(KEPT, JSON.stringify(kept));
}

function restore(kept) {
  const known = (names) => names.filter((name) => page.columns.some((column) => column.name === name));
  state.ranges = new Map(kept.ranges.filter(([name]) => name in columns));
  state.picked = kept.picked && new Set(kept.picked);
  if (kept.order.length === state.order.length && kept.order.every((name) => name in columns)) state.order = kept.order;
  for (const view of ["parallel", "matrix"]) state[view] = new Set(known(kept[view]).filter((name) => name in columns));
  state.table = new Set(known(kept.table));
  for (const [index, column] of page.columns.entries()) {
    trials.column(index).visible(state.table.has(column.name));
    for (const box of row[column.name].node.querySelectorAll(".places input"))
      box.checked = state[box.ariaLabel.split(" ").at(-1)].has(column.name);
  }
  reordered();
  changed();
  if (kept.sorted.every(([index]) => index < page.columns.length)) trials.order(kept.sorted);
  trials.page.len(kept.length).search(kept.searched).draw();
  trials.page(Math.min(kept.page, Math.max(0, trials.page.info().pages - 1))).draw("page");
  document.querySelectorAll("details").forEach((details, index) => (details.open = kept.open[index] ?? details.open));
  scrollTo({ top: kept.top, behavior: "instant" });
}

let isHeld = false; // nothing is loaded while the user drags
addEventListener("pointerdown", () => (isHeld = true));
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => (isHeld = false));

async function look() {
  try {
    const answer = await fetch("version", { cache: "no-store" });
    if (!answer.ok) throw new Error(answer.statusText);
    const now = await answer.text();
    note.textContent = " · live";
    if (now !== version && !document.hidden && !isHeld) {
      keep();
      location.reload();
      return;
    }
  } catch {
    note.textContent = " · not live: toonvision watch does not answer";
  }
  setTimeout(look, PAUSE);
}

history.scrollRestoration = "manual"; // the browser scrolls before the table has its rows
const before = sessionStorage.getItem(KEPT);
sessionStorage.removeItem(KEPT);
if (before) restore(JSON.parse(before));
document.documentElement.dataset.version = version;
setTimeout(look, PAUSE);
