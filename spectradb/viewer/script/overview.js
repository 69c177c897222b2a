// The first screen: what the lab holds, and its searches; a click on a search shows its answers.

async function overview(viewer) {
  const { lab, status, searches } = viewer;
  const collections = await lab.ask("collections");
  return [
    facts([
      ["libraries", count(status.n_libraries)], ["library spectra", count(status.n_library_spectra)],
      ["studies", count(status.n_studies)], ["study spectra", count(status.n_study_spectra)],
      ["searches", count(status.n_searches)], ["published", moment(status.published)],
    ]),
    element("h2", { text: "Searches" }),
    searches.length
      ? table([
        { name: "search_id", title: "search", kind: "w" }, { name: "study", title: "study", kind: "w" }, { name: "library", title: "library", kind: "w" },
        { name: "method", title: "method" }, { name: "n_queries", title: "queries", kind: "n", show: count, minor: true },
        { name: "n_answered", title: "answered", kind: "n", show: count }, { name: "share_answered", title: "share", kind: "n", show: percent, minor: true },
        { name: "finished", title: "finished", show: moment, minor: true },
      ], searches, { caption: "searches", pick: search => viewer.show("answers", { search: search.search_id }) })
      : said("The lab has no finished search yet: spectradb identify makes one."),
    element("p", { class: "soft", text: `An answer is called confident where ${status.confident_rule}.` }),
    element("h2", { text: "Libraries and studies" }),
    table([
      { name: "name", title: "name", kind: "w" }, { name: "kind", title: "kind" }, { name: "n_spectra", title: "spectra", kind: "n", show: count },
      { name: "n_analytes", title: "analytes", kind: "n", show: count }, { name: "n_runs", title: "runs", kind: "n", show: count, minor: true },
      { name: "n_samples", title: "samples", kind: "n", show: count, minor: true }, { name: "licence", title: "licence", kind: "w", minor: true, told: true },
    ], collections, { caption: "libraries and studies" }),
  ];
}
