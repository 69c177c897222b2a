// SQL: what somebody asks, the rows as text, and what there is to ask.

const MOST_ROWS = 1000;
const FIRST_QUESTION = STATEMENTS.first_question.statements[0];

async function questions(viewer) {
  const relations = [...Map.groupBy(await viewer.lab.ask("relations"), row => row.relation)];
  const place = element("div", { id: "rows" });
  const text = element("textarea", { name: "sql", rows: 7, spellcheck: "false", autocapitalize: "off", "aria-label": "SQL", of: { value: viewer.question ?? FIRST_QUESTION } });
  const run = async () => {
    viewer.question = text.value;
    place.replaceChildren(said("running ..."));
    const begun = performance.now();
    try {
      const found = await viewer.lab.question(text.value, MOST_ROWS);
      const seconds = ((performance.now() - begun) / 1000).toFixed(2);
      const all = found.rows.length < MOST_ROWS ? "" : `, the first ${count(MOST_ROWS)}; the file has all`;
      place.replaceChildren(
        element("div", { class: "bar" },
          element("p", { class: "soft", role: "status", text: `${count(found.rows.length)} rows in ${seconds} s${all}` }),
          button("CSV", async () => {
            const every = await viewer.lab.question(text.value);
            download(csv(every.columns, every.rows), "rows.csv");
          }, { disabled: found.columns.length === 0 })),
        table(found.columns.map(name => ({ name, title: name, kind: "t", show: value => value ?? "NULL" })), found.rows, { caption: "rows" }));
    } catch (error) {
      place.replaceChildren(element("pre", { class: "error", role: "alert", text: error.message }));
    }
  };
  text.addEventListener("keydown", event => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run();
  });
  return [
    element("div", { class: "ask" }, text, element("div", { class: "bar" }, button("Run", run, { class: "main", title: "Ctrl+Enter" }), element("span", { class: "soft", text: "Ctrl+Enter; the lab itself cannot be changed" }))),
    place,
    element("h2", { text: "Tables and views" }),
    relations.map(([name, columns]) => element("details", { class: "relation" },
      element("summary", {}, element("code", { text: name }), element("span", { class: "soft", text: ` ${columns[0].kind}. ${columns[0].comment ?? ""}` })),
      button(`FROM ${name}`, () => { text.value = `FROM ${name} LIMIT 100`; run(); text.scrollIntoView({ block: "center" }); }),
      table([{ name: "column_name", title: "column", kind: "w" }, { name: "data_type", title: "type", minor: true }, { name: "column_comment", title: "says", kind: "w" }], columns, { caption: `columns of ${name}` }))),
  ];
}
