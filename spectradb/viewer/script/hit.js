// One query looked at: its candidates, and the mirror plot and structure of the one that is chosen.

async function showHit(viewer, { search, query, name }) {
  const place = document.getElementById("hit");
  const turn = (viewer.hitTurn = (viewer.hitTurn ?? 0) + 1);
  place.hidden = false;
  document.body.classList.add("with-hit");
  const close = button("Close", () => closeHit(), { class: "close" });
  const heading = element("h2", { text: name ?? "Query" });
  const body = element("div", {}, said("reading ..."));
  place.replaceChildren(element("div", { class: "bar" }, heading, close), body);
  try {
    const candidates = await viewer.lab.ask("candidates", { search, query });
    if (turn !== viewer.hitTurn) return;
    const choose = async rank => {
      const chosen = candidates.find(candidate => candidate.rank === rank);
      const peaks = await viewer.lab.ask("mirror", { query, library: chosen.library_spectrum_id, tolerance: chosen.fragment_tolerance_da });
      if (turn !== viewer.hitTurn) return;
      heading.textContent = chosen.name ?? chosen.analyte_id;
      body.replaceChildren(...hit(candidates, chosen, peaks, choose).filter(Boolean));
      body.querySelectorAll(".structure svg").forEach(fit);
    };
    if (candidates.length) await choose(candidates[0].rank);
    else body.replaceChildren(said("The search has no candidate for it."));
  } catch (error) {
    body.replaceChildren(said(error.message, "error"));
  }
}

function closeHit() {
  const place = document.getElementById("hit");
  place.hidden = true;
  place.replaceChildren();
  document.body.classList.remove("with-hit");
}

function hit(candidates, chosen, peaks, choose) {
  const matched = peaks.filter(peak => peak.side === "query" && peak.matched);
  return [
    facts([
      ["score", decimals(3)(chosen.score)], ["probability", percent(chosen.probability)], ["matched peaks", count(chosen.matched_peaks)],
      ["precursor", `${signed(chosen.ppm_error)} ppm`], ["adduct", chosen.adduct], ["formula", chosen.formula],
    ]),
    element("div", { class: "scroll" }, mirror(peaks)),
    structure(chosen.smiles, chosen.name),
    candidates.length > 1 ? element("h3", { text: "Candidates" }) : null,
    candidates.length > 1 ? table([
      { name: "rank", title: "rank", kind: "n" }, { name: "name", title: "name", kind: "w", show: value => value ?? "no name" },
      { name: "adduct", title: "adduct" }, { name: "score", title: "score", kind: "n", show: decimals(3) },
      { name: "matched_peaks", title: "peaks", kind: "n" }, { name: "ppm_error", title: "ppm", kind: "n", show: signed },
    ], candidates, { caption: "candidates", pick: row => choose(row.rank), picked: row => row === chosen }) : null,
    element("h3", { text: "Spectra" }),
    table([{ name: "what", title: "" }, { name: "query", title: "query", kind: "t" }, { name: "library", title: "library", kind: "t" }], [
      { what: "identifier", query: chosen.native_id, library: chosen.library_native_id },
      { what: "name", query: chosen.query_name, library: chosen.name },
      { what: "precursor m/z", query: decimals(4)(chosen.query_mz), library: decimals(4)(chosen.library_mz) },
      { what: "adduct", query: chosen.query_adduct, library: chosen.adduct },
      { what: "collision energy", query: chosen.query_energy, library: chosen.library_energy },
      { what: "instrument", query: chosen.query_instrument, library: chosen.library_instrument },
      { what: "retention time (s)", query: plain(chosen.retention_time_s), library: "" },
      { what: "contributor", query: "", library: chosen.contributor },
      { what: "InChIKey", query: "", library: chosen.inchikey },
    ].filter(row => row.query || row.library), { caption: "spectra" }),
    element("details", {}, element("summary", { text: `${matched.length} matched peaks` }), table([
      { name: "mz", title: "query m/z", kind: "n", show: decimals(4) }, { name: "other_mz", title: "library m/z", kind: "n", show: decimals(4) },
      { name: "ppm", title: "ppm", kind: "n", show: signed }, { name: "intensity", title: "intensity", kind: "n", show: percent },
    ], matched.map(peak => ({ ...peak, ppm: (1e6 * (peak.other_mz - peak.mz)) / peak.mz })), { caption: "matched peaks" })),
  ];
}
