"""A session in Python over the lab that ``spectradb demo`` makes: search one spectrum, then ask SQL and go on in pandas.

Run it where the directory ``spectradb-demo`` is, or give the path of a demo lab. All spectra of that lab are simulated. Needed:
``pip install pandas``.
"""

from __future__ import annotations

import sys

import spectradb

path = sys.argv[1] if len(sys.argv) > 1 else "spectradb-demo/lab"

with spectradb.connect(path) as lab:
    # A spectrum at hand: peaks and the m/z of its precursor.
    found = lab.search(
        mz=[115.039, 132.065, 160.076, 177.102],
        intensity=[17.0, 32.0, 100.0, 9.0],
        precursor_mz=177.1022,
        ion_mode="positive",
        library="simulated_library",
    )
    print("the spectrum resembles:")
    print(found.select(["rank", "name", "adduct", "score", "ppm_error"]).to_pandas().to_string(index=False))

    # SQL in, data frame out: spectra per analyte and sample.
    frame = lab.sql(
        """
        SELECT sample_id, name, count(*) AS n_spectra
        FROM identifications
        WHERE search_id = 'demo' AND NOT ambiguous AND score >= $least_score
        GROUP BY ALL
        """,
        {"least_score": 0.6},
    ).df()

counts = frame.pivot_table(index="name", columns="sample_id", values="n_spectra", fill_value=0, aggfunc="sum")
print(f"\n{counts.shape[0]} analytes in {counts.shape[1]} samples; those with most spectra:")
print(counts.sum(axis=1).sort_values(ascending=False, kind="stable").head(5).to_string())
