// The trial table: DataTables sorts, pages and searches; the ranges filter it.

const significant = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

// All numbers of a column have the same number of decimals.
function formatter(column) {
  const numbers = column.values.filter((value) => typeof value === "number");
  const largest = Math.max(1, ...numbers.map(Math.abs));
  const needed = Math.max(0, ...numbers.map((number) => String(Number(number.toPrecision(6))).split(".")[1]?.length ?? 0));
  const digits = Math.min(needed, 4, Math.max(0, 5 - Math.ceil(Math.log10(largest))));
  const fixed = new Intl.NumberFormat("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return (value) => {
    if (value === null) return "–";
    if (typeof value !== "number") return String(value);
    if (column.is_log) return value < 1e-4 ? value.toExponential(2) : significant.format(value);
    return fixed.format(value);
  };
}

function drawTable() {
  // Missing values come last in both directions.
  const compare = (a, b) => (typeof a === "number" ? a - b : String(a).localeCompare(String(b)));
  const missingLast = (sign) => (a, b) => (a === null || b === null ? (a === null) - (b === null) : sign * compare(a, b));
  DataTable.type("value", { order: { asc: missingLast(1), desc: missingLast(-1) } });

  const score = page.columns.findIndex((column) => column.name === "score");
  const table = new DataTable("#table", {
    data: ids.map((_, index) => page.columns.map((column) => column.values[index])),
    columns: page.columns.map((column, _, __, shownAs = formatter(column)) => ({
      title: column.label,
      type: "value",
      visible: state.table.has(column.name),
      className: column.kind === "number" ? "" : `left ${column.name === "error" ? "error" : ""}`,
      // A text node, because DataTables reads strings as HTML.
      render: (value, purpose) => (purpose === "display" ? document.createTextNode(shownAs(value)) : value),
    })),
    order: [[score, page.descending ? "desc" : "asc"]],
    pageLength: 10,
    lengthMenu: [10, 25, 100, -1],
    autoWidth: false,
    colReorder: true,
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
