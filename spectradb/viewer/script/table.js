// Tables. A column has `name` (of its value), `title`, and perhaps `show` (value to text), `kind` (n: a number, w: a text that may
// break anywhere, t: one that may not), `minor` (left out on narrow screens), `told` (left out where no row has a
// value) and `sorts` (whether a click on its title sorts by it).

function table(all, rows, { pick, picked, sort, direction, onSort, caption } = {}) {
  const columns = all.filter(column => !column.told || rows.some(row => row[column.name] !== null));
  const head = columns.map(column => element("th", { scope: "col", class: classes(column), "aria-sort": order(column, sort, direction) },
    column.sorts ? button(column.title + arrow(column, sort, direction), () => onSort(column.name), { class: "sort" }) : column.title));
  const body = rows.map(row => {
    const cells = columns.map(column => {
      const text = (column.show ?? plain)(row[column.name]);
      return element("td", { class: [classes(column), text.length > 40 ? "long" : null].filter(Boolean).join(" ") || null, text });
    });
    const line = element("tr", { class: picked?.(row) ? "picked" : null }, cells);
    if (pick) {
      line.tabIndex = 0;
      line.classList.add("pick");
      const choose = () => {
        line.parentNode.querySelectorAll(".picked").forEach(other => other.classList.remove("picked"));
        line.classList.add("picked");
        pick(row);
      };
      line.addEventListener("click", choose);
      line.addEventListener("keydown", event => {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          choose();
        }
      });
    }
    return line;
  });
  return element("div", { class: "table", tabindex: 0, role: "region", "aria-label": caption ?? "table" },
    element("table", {}, element("thead", {}, element("tr", {}, head)), element("tbody", {}, body)));
}

function classes(column) {
  return [column.kind, column.minor ? "minor" : null].filter(Boolean).join(" ") || null;
}

function order(column, sort, direction) {
  return column.name === sort ? (direction > 0 ? "ascending" : "descending") : null;
}

function arrow(column, sort, direction) {
  return column.name === sort ? (direction > 0 ? " ▲" : " ▼") : "";
}

// Names and values beside each other; those without a value are left out.
function facts(entries) {
  const known = entries.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return element("dl", { class: "facts" },
    known.map(([name, value]) => element("div", {}, element("dt", { text: name }), element("dd", { text: String(value) }))));
}
