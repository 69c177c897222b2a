"""A notebook of marimo over the lab that ``spectradb demo`` makes: spectra of matchms are searched, SQL becomes data frames.

``marimo edit examples/notebook.py`` opens it where the directory ``spectradb-demo`` is; ``python examples/notebook.py [LAB]``
runs it as a script. All spectra of that lab are simulated. Needed: ``pip install marimo polars pandas``.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium")


@app.cell
def _():
    import sys

    import marimo as mo

    import spectradb

    given = [word for word in sys.argv[1:] if not word.startswith("-")]
    lab = spectradb.connect(given[0] if given else "spectradb-demo/lab")
    return lab, mo


@app.cell
def _(mo):
    mo.md("""
    # Spectra that are at hand

    `lab.matchms_spectra` makes spectra of matchms from a SELECT, and `lab.search` takes them, as it takes those that matchms
    reads from a file.
    """)


@app.cell
def _(lab):
    spectra = lab.matchms_spectra(
        """
        SELECT native_id, mz, intensity, precursor_mz, ion_mode
        FROM spectra
        WHERE run_id = 'simulated_study/control_01' AND native_id IN ('30', '31')
        ORDER BY spectrum_id
        """
    )
    found = [lab.search(spectrum, library="simulated_library", k=3) for spectrum in spectra]
    best = [table.select(["name", "adduct", "score", "ppm_error"]).to_pandas() for table in found]
    for frame in best:
        print(frame.to_string(index=False, float_format="%.3f"))
    best[0]


@app.cell
def _(mo):
    mo.md("""
    # SQL becomes data frames

    `lab.sql` gives a relation of DuckDB: `.df()` makes it a frame of pandas, `.pl()` one of Polars.
    """)


@app.cell
def _(lab):
    summary = lab.sql("""
        SELECT sample_group, sum(n_spectra)::INTEGER AS spectra, sum(n_confident)::INTEGER AS confident
        FROM sample_summary
        GROUP BY sample_group
        ORDER BY sample_group
    """).df()
    print(summary.to_string(index=False))
    summary


@app.cell
def _(lab):
    analytes = lab.sql("""
        SELECT analyte_name, count(*) AS n_spectra, count(DISTINCT run_id) AS n_runs
        FROM latest_identifications
        WHERE confident
        GROUP BY analyte_name
    """).pl()
    commonest = analytes.sort("n_spectra", "analyte_name", descending=[True, False]).head(5)
    print(commonest)
    commonest


@app.cell
def _(mo):
    mo.md("""
    # A hit looked at

    The query stands above the library spectrum of its first candidate.
    """)


@app.cell
def _(lab):
    hit = lab.plot_hit("control_01/30", search="demo")
    print(hit.lines()[0])
    hit.figure


if __name__ == "__main__":
    app.run()
