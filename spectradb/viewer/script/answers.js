// The answers of a search: filtered, sorted, a page at a time; a click on one shows it.

const PAGE = 50;
const ANSWER_COLUMNS = [
  { name: "name", title: "name", kind: "w", sorts: true, show: value => value ?? "no name" },
  { name: "formula", title: "formula", sorts: true, minor: true },
  { name: "adduct", title: "adduct", sorts: true, minor: true },
  { name: "precursor_mz", title: "m/z", kind: "n", sorts: true, show: decimals(4) },
  { name: "score", title: "score", kind: "n", sorts: true, show: decimals(3) },
  { name: "probability", title: "prob.", kind: "n", sorts: true, show: percent },
  { name: "matched_peaks", title: "peaks", kind: "n", sorts: true, minor: true },
  { name: "ppm_error", title: "ppm", kind: "n", sorts: true, show: signed, minor: true },
  { name: "confident", title: "confident", show: yes, minor: true, told: true },
  { name: "run", title: "run", kind: "w", sorts: true, minor: true, told: true },
  { name: "native_id", title: "query", kind: "w", sorts: true, minor: true },
];
const FILE_COLUMNS = ["native_id", "run", "precursor_mz", "name", "formula", "adduct", "score", "probability", "q_value", "matched_peaks",
  "ppm_error", "n_candidate_analytes", "ambiguous", "confident", "analyte_id", "smiles", "inchikey", "query_id", "library_spectrum_id"];
const NO_FILTER = { run: null, text: null, confident: false, least_score: null, least_probability: null };

async function answers(viewer, asked = {}) {
  if (!viewer.searches.length) return [said("The lab has no finished search yet: spectradb identify makes one.")];
  const before = viewer.answersAsked ?? { ...NO_FILTER, search: viewer.mainSearch(), sort: "best", direction: -1, page: 0 };
  const filter = (viewer.answersAsked = { ...before, ...(asked.search || asked.run ? { ...NO_FILTER, page: 0 } : {}), ...asked });
  const runs = await viewer.lab.ask("run_names", { search: filter.search });
  const place = element("div", { id: "answers" });
  let turn = 0;

  const refresh = async () => {
    const mine = ++turn;
    place.setAttribute("aria-busy", "true");
    try {
      const found = await viewer.lab.ask("answers", { ...filter, limit: PAGE, offset: PAGE * filter.page });
      if (mine === turn) place.replaceChildren(...shown(found));
    } catch (error) {
      if (mine === turn) place.replaceChildren(said(error.message, "error"));
    }
    if (mine === turn) place.removeAttribute("aria-busy");
  };
  const change = (name, value) => {
    Object.assign(filter, { [name]: value === "" ? null : value, page: 0 });
    refresh();
  };
  const sortBy = name => {
    const again = filter.sort === name;
    Object.assign(filter, { sort: name, direction: again ? -filter.direction : (ANSWER_COLUMNS.find(column => column.name === name).kind === "n" ? -1 : 1), page: 0 });
    refresh();
  };
  const turnTo = page => {
    filter.page = page;
    refresh();
  };
  const isCalibrated = viewer.searches.find(search => search.search_id === filter.search).calibration_id !== null;
  const columns = ANSWER_COLUMNS.filter(column => isCalibrated || column.name !== "probability");
  const shown = found => {
    const n = found.length ? found[0].n_all : 0;
    const from = PAGE * filter.page;
    return [
      element("div", { class: "bar" },
        element("p", { class: "soft", id: "how-many", role: "status", text: n ? `${count(n)} answers, ${count(from + 1)} to ${count(from + found.length)}` : "no answer passes the filters" }),
        element("div", { class: "buttons" },
          button("‹ Back", () => turnTo(filter.page - 1), { disabled: filter.page === 0 }),
          button("Next ›", () => turnTo(filter.page + 1), { disabled: from + found.length >= n }),
          button("CSV", exportAll, { disabled: n === 0, title: "All answers that pass the filters, as a CSV file" }))),
      found.length ? table(columns, found, { caption: "answers", sort: filter.sort, direction: filter.direction, onSort: sortBy,
        pick: row => showHit(viewer, { search: filter.search, query: row.query_id, name: row.name }) }) : null,
    ].filter(Boolean);
  };
  const exportAll = async () => {
    const found = await viewer.lab.ask("answers", { ...filter, limit: null, offset: 0 });
    download(csv(FILE_COLUMNS, found), `${filter.search}-answers.csv`);
  };
  const typed = later(change);
  const number = (name, label) => field(label, element("input", { type: "number", min: 0, max: 1, step: "any", value: filter[name], name,
    on: { input: event => typed(name, event.target.value === "" ? null : event.target.valueAsNumber) } }));

  await refresh();
  return [
    element("form", { class: "filters", on: { submit: event => event.preventDefault() } },
      field("search", choice(viewer.searches.map(search => [search.search_id, `${search.search_id}: ${search.study} against ${search.library}`]), filter.search,
        search => { closeHit(); viewer.show("answers", { search }); }, { name: "search" })),
      field("run", choice([["", "all runs"], ...runs.map(run => [run.run_id, run.run])], filter.run ?? "", run => change("run", run), { name: "run" })),
      field("name, formula, adduct, id", element("input", { type: "search", value: filter.text ?? "", name: "text", on: { input: event => typed("text", event.target.value) } })),
      number("least_score", "least score"),
      isCalibrated ? number("least_probability", "least probability") : null,
      field("confident only", element("input", { type: "checkbox", name: "confident", of: { checked: filter.confident }, on: { change: event => change("confident", event.target.checked) } }))),
    place,
  ];
}
