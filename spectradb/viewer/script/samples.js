// The runs of the study of a search, and where they lie in the plane; a click on one shows its answers.

async function samples(viewer, asked = {}) {
  if (!viewer.searches.length) return [said("The lab has no finished search yet: spectradb identify makes one.")];
  const chosen = asked.search ?? viewer.answersAsked?.search ?? viewer.mainSearch();
  const { study } = viewer.searches.find(search => search.search_id === chosen);
  const runs = await viewer.lab.ask("runs", { search: chosen });
  const points = await viewer.lab.ask("points", { study });
  const planes = [...Map.groupBy(points, point => `${point.level}s, ${point.projection}`)];
  const picture = element("div");
  const draw = name => picture.replaceChildren(scatter(new Map(planes).get(name), point => {
    const run = point.level === "run" ? point.unit_id : runs.find(run => run.sample === point.name)?.run_id;
    if (run) viewer.show("answers", { search: chosen, run });
  }));
  if (planes.length) draw(planes[0][0]);
  return [
    element("form", { class: "filters", on: { submit: event => event.preventDefault() } },
      field("search", choice(viewer.searches.map(search => [search.search_id, `${search.search_id}: ${search.study} against ${search.library}`]), chosen,
        search => viewer.show("samples", { search }), { name: "search" }))),
    element("h2", { text: "Runs" }),
    runs.length ? table([
      { name: "run", title: "run", kind: "w" }, { name: "sample_type", title: "type", minor: true, told: true }, { name: "sample_group", title: "group", told: true },
      { name: "n_spectra", title: "spectra", kind: "n", show: count, minor: true }, { name: "n_answered", title: "answered", kind: "n", show: count },
      { name: "n_confident", title: "confident", kind: "n", show: count, told: true }, { name: "n_analytes", title: "analytes", kind: "n", show: count, minor: true },
      { name: "median_score", title: "median score", kind: "n", show: decimals(3), minor: true },
    ], runs, { caption: "runs", pick: run => viewer.show("answers", { search: chosen, run: run.run_id }) }) : said(`${study} has no runs: it is a library.`),
    planes.length ? element("h2", { text: "In the plane" }) : null,
    planes.length > 1 ? field("projection", choice(planes.map(([name]) => [name, name]), planes[0][0], draw)) : null,
    planes.length ? picture : null,
  ];
}
