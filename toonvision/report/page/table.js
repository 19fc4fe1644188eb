// The trial table: DataTables sorts, pages and searches; the ranges filter it.

const significant = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

// A column's numbers end at the same decimal, so that they stand below each other.
function formatter(one) {
  const numbers = one.values.filter((value) => typeof value === "number");
  const largest = Math.max(1, ...numbers.map(Math.abs));
  const needed = Math.max(0, ...numbers.map((number) => String(Number(number.toPrecision(6))).split(".")[1]?.length ?? 0));
  const digits = Math.min(needed, 4, Math.max(0, 5 - Math.ceil(Math.log10(largest))));
  const fixed = new Intl.NumberFormat("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return (value) => {
    if (value === null) return "–";
    if (typeof value !== "number") return String(value);
    if (one.is_log) return value < 1e-3 ? value.toExponential(2) : significant.format(value);
    return fixed.format(value);
  };
}

function drawTable() {
  // What is missing stands last, in whichever direction.
  const compare = (a, b) => (typeof a === "number" ? a - b : String(a).localeCompare(String(b)));
  const missingLast = (sign) => (a, b) => (a === null || b === null ? (a === null) - (b === null) : sign * compare(a, b));
  DataTable.type("value", { order: { asc: missingLast(1), desc: missingLast(-1) } });

  const score = page.columns.findIndex((one) => one.name === "score");
  const table = new DataTable("#table", {
    data: ids.map((_, index) => page.columns.map((one) => one.values[index])),
    columns: page.columns.map((one, _, __, shownAs = formatter(one)) => ({
      title: one.label,
      type: "value",
      visible: state.table.has(one.name),
      className: one.kind === "number" ? "" : `left ${one.name === "error" ? "error" : ""}`,
      // A node of text, since DataTables takes strings for HTML.
      render: (value, purpose) => (purpose === "display" ? document.createTextNode(shownAs(value)) : value),
    })),
    order: [[score, page.descending ? "desc" : "asc"]],
    pageLength: 10,
    lengthMenu: [10, 25, 100, -1],
    autoWidth: false,
    language: {
      search: "Search",
      lengthMenu: "_MENU_ a page",
      info: "_START_ to _END_ of _TOTAL_ trials",
      infoEmpty: "no trial",
      infoFiltered: "(of _MAX_)",
      emptyTable: "No trial has begun.",
      zeroRecords: "No trial lies in all ranges.",
    },
  });
  let chosen = null;
  table.search.fixed("ranges", (_, row) => chosen === null || chosen.has(row[0]));
  views.push((now) => {
    chosen = now;
    table.draw();
  });
  return table;
}
