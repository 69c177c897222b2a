"use strict";
(() => {
  // Columns that filter every tile which has them.
  const FILTERS = [["study", "Study"], ["sample_group", "Group"], ["sample_type", "Sample type"]];
  const MOST_ROWS = 500;
  const NARROW = 420;
  const data = JSON.parse(document.getElementById("data").textContent);
  const chosen = {};

  const element = (tag, text, attributes = {}) => {
    const made = document.createElement(tag);
    if (text !== null) made.textContent = text;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };

  const distinct = values => [...new Set(values)];

  const selection = (label, options, then) => {
    const box = element("label", null);
    const select = element("select", null);
    for (const [value, text] of options) select.append(element("option", text, { value }));
    select.addEventListener("change", () => then(select.value));
    box.append(element("span", label), select);
    return box;
  };

  class Tile {
    constructor(name, { columns, rows, chart }) {
      this.box = document.querySelector(`[data-tile="${name}"]`);
      this.name = name;
      this.columns = columns;
      this.chart = chart;
      this.rows = rows.map(row => Object.fromEntries(columns.map((column, i) => [column, row[i]])));
      this.value = null;
      this.sorted = null;
      this.box.querySelector("details.rows").addEventListener("toggle", () => this.list());
    }

    filtered() {
      return this.rows.filter(row => FILTERS.every(([column]) => !(column in row) || !chosen[column] || String(row[column]) === chosen[column]));
    }

    shown() {
      const { choose } = this.chart;
      const rows = this.filtered();
      return choose && this.value !== null ? rows.filter(row => String(row[choose]) === this.value) : rows;
    }

    offer() {
      const { choose, choose_all: all } = this.chart;
      if (!choose) return;
      const place = this.box.querySelector(".choose");
      const values = distinct(this.filtered().map(row => String(row[choose])));
      if (!values.includes(this.value)) this.value = all ? null : values[0] ?? null;
      place.replaceChildren();
      if (values.length > 1) {
        const options = [...(all ? [["", all]] : []), ...values.map((value, i) => [String(i + 1), value])];
        const box = selection("Show", options, number => {
          this.value = number ? values[number - 1] : null;
          this.draw();
          this.list();
        });
        const at = values.indexOf(this.value);
        box.querySelector("select").value = at < 0 ? "" : String(at + 1);
        place.append(box);
      }
    }

    async draw() {
      const plot = this.box.querySelector(".plot");
      if (!plot) return;
      if (this.view) this.view.finalize();
      this.view = null;
      const { spec, draw } = this.chart;
      const all = this.shown();
      const rows = draw ? all.filter(row => draw.values.includes(row[draw.column])) : all;
      if (!spec) {
        this.table(plot, all, this.chart.show);
      } else if (!rows.length) {
        plot.replaceChildren(element("p", all.length ? draw.none : "No rows by these filters.", { class: "nothing" }));
      } else {
        // A height in steps and a width of the container do not go together in Vega-Lite.
        const narrow = plot.clientWidth < NARROW;
        const step = spec.height.step;
        const height = step ? step * distinct(rows.map(row => row[spec.encoding.y.field])).length : spec.height;
        const whole = {
          ...spec, height, width: "container", autosize: { type: "fit-x", contains: "padding" }, background: null, data: { values: rows },
          config: {
            legend: { orient: "top", columns: narrow ? 2 : 3, labelLimit: narrow ? 110 : 160 },
            axisY: { labelLimit: narrow ? 105 : 160 },
            axis: { labelFontSize: 11, titleFontSize: 11 },
            view: { stroke: "#d7dce3" },
          },
        };
        plot.replaceChildren();
        const made = await vegaEmbed(plot, whole, { actions: false, renderer: "svg" });
        this.view = made.view;
      }
    }

    list() {
      const details = this.box.querySelector("details.rows");
      const rows = this.shown();
      details.querySelector(".count").textContent = rows.length.toLocaleString("en");
      const place = details.querySelector(".table");
      if (!details.open) return;
      this.table(place, rows);
      const save = element("button", "Save as CSV", { type: "button" });
      save.addEventListener("click", () => this.save(rows));
      place.prepend(save);
      if (rows.length > MOST_ROWS) place.append(element("p", `The first ${MOST_ROWS} of ${rows.length}; the CSV has all.`, { class: "note" }));
    }

    table(place, rows, columns = this.columns) {
      const order = this.sorted;
      const ordered = order ? [...rows].sort((a, b) => order.sign * compare(a[order.column], b[order.column])) : rows;
      const head = element("tr", null);
      for (const column of columns) {
        const cell = element("th", column, { scope: "col", tabindex: "0" });
        if (order && order.column === column) cell.setAttribute("aria-sort", order.sign > 0 ? "ascending" : "descending");
        const sort = () => {
          this.sorted = { column, sign: order && order.column === column ? -order.sign : 1 };
          if (place.classList.contains("plot")) this.draw();
          else this.list();
        };
        cell.addEventListener("click", sort);
        cell.addEventListener("keydown", event => { if (event.key === "Enter") sort(); });
        head.append(cell);
      }
      const body = element("tbody", null);
      for (const row of ordered.slice(0, MOST_ROWS)) {
        const line = element("tr", null);
        for (const column of columns) {
          const value = row[column];
          line.append(element("td", spelled(value), typeof value === "number" ? { class: "n", title: String(value) } : {}));
        }
        body.append(line);
      }
      const whole = element("table", null);
      const top = element("thead", null);
      top.append(head);
      whole.append(top, body);
      const scroll = element("div", null, { class: "scroll" });
      scroll.append(whole);
      place.replaceChildren(scroll);
    }

    save(rows) {
      const cell = value => (value === null ? "" : /[",\r\n]/.test(value) ? `"${String(value).replaceAll('"', '""')}"` : String(value));
      const lines = [this.columns, ...rows.map(row => this.columns.map(column => row[column]))].map(row => row.map(cell).join(","));
      const link = element("a", "", { download: `${this.name}.csv`, href: URL.createObjectURL(new Blob([`${lines.join("\n")}\n`], { type: "text/csv" })) });
      link.click();
      URL.revokeObjectURL(link.href);
    }
  }

  const compare = (a, b) => {
    if (a === null || b === null) return (a === null) - (b === null);
    return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });
  };

  const spelled = value => {
    if (value === null) return "";
    return typeof value === "number" && !Number.isInteger(value) ? String(Number(value.toPrecision(5))) : String(value);
  };

  const tiles = Object.entries(data).map(([name, tile]) => new Tile(name, tile));
  const draw = () => Promise.all(tiles.map(tile => {
    tile.offer();
    tile.list();
    return tile.draw();
  }));

  for (const [column, label] of FILTERS) {
    const values = distinct(tiles.flatMap(tile => tile.rows.filter(row => column in row).map(row => String(row[column])))).sort();
    if (values.length > 1) {
      const options = [["", "all"], ...values.map((value, i) => [String(i + 1), value])];
      document.getElementById("filters").append(selection(label, options, number => {
        chosen[column] = number ? values[number - 1] : null;
        draw();
      }));
    }
  }
  draw().then(() => { document.body.dataset.drawn = "yes"; });
})();
