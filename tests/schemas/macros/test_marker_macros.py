"""The macros and views about markers of groups and about adducts that elute together, over hand-made tables."""

import pytest
from sample_rows import UP, sample_tables, spectrum
from table_rows import create_views, put, put_names

from spectradb import schemas
from spectradb.udfs.adducts import adduct_mz


@pytest.fixture
def con():
    return sample_tables()


@pytest.fixture
def identified(con):
    """Three spectra of a cluster, two of them identified, and a marker of the cluster."""
    create_views(con)
    put(con, "studies", {"name": "s"})
    put(con, "searches", {"search_id": "first", "study": "s", "library": "l", "finished": "2026-01-01"})
    library = {"A": 51, "B": 52}
    for analyte, number in library.items():
        row = {"spectrum_id": number, "collection": "l", "analyte_id": analyte, "name": f"record of {analyte}"}
        put(con, "spectra", row)
    put_names(con, "l", {"A": "a name", "B": "b name"})
    put(
        con,
        "hits",
        *(
            {
                "search_id": "first",
                "query_id": query,
                "rank": rank,
                "analyte_id": analyte,
                "score": score,
                "library_spectrum_id": library[analyte],
            }
            for query, rank, analyte, score in [(1, 1, "A", 0.5), (1, 2, "B", 0.25), (2, 1, "A", 0.75), (4, 1, "B", 1.0)]
        ),
    )
    codewords = [(1, 7, 0.5), (2, 7, 0.75), (3, 7, 0.75), (4, 8, 1.0)]
    put(
        con,
        "spectrum_codewords",
        *({"codebook": "c", "spectrum_id": i, "codeword": word, "similarity": x} for i, word, x in codewords),
    )
    marker = {"study": "s", "target": "t", "codebook": "c", "codeword": 7, "q_value": 0.25}
    # What marks one of two groups is rarer in the other.
    put(con, "group_markers", marker | {"group_value": "g", "cliffs_delta": 0.5})
    put(con, "group_markers", marker | {"group_value": "no g", "cliffs_delta": -0.5})
    return con


@pytest.mark.covers("macros/samples/marker_spectra")
def test_marker_spectra(identified):
    assert identified.execute("FROM marker_spectra('c', 7, k := 2)").fetchall() == [
        (2, "s/1", 100.9, None, 0.75, "A", "record of A", 0.75),
        (3, "s/2", 1000.5, None, 0.75, None, None, None),
    ]


def coeluting(con, *ions):
    """Spectra of a run at (id, run, precursor m/z, retention time in s)."""
    rows = (spectrum(i, run, mz, UP, retention_time_s=seconds, charge=1) for i, run, mz, seconds in ions)
    put(con, "spectra", *rows)


@pytest.mark.covers("views/markers/marker_identifications", "macros/samples/marker_answers", "views/spectra/spectrum_adducts")
def test_marker_identifications(identified):
    query = (
        "SELECT group_value, codeword, q_value, search_id, analyte_id, name, n_spectra, best_score, adduct, ppm_error, "
        "probability, n_agree, n_contradict FROM marker_identifications"
    )
    named = "SELECT analyte_id, n_spectra, n_cluster, names_cluster, n_confident FROM marker_identifications ORDER BY place"
    identified.execute("UPDATE spectra SET adduct = '[M+H]+' WHERE spectrum_id IN (51, 52)")
    identified.execute("UPDATE hits SET ppm_error = 2.5, probability = 0.875 WHERE query_id = 2")
    first = ("g", 7, 0.25, "first", "A", "a name", 2, 0.75, "[M+H]+", 2.5, 0.875)
    assert identified.execute(query).fetchall() == [(*first, 0, 0)]
    # Two of three spectra; whether they are confident cannot be told without a probability.
    assert identified.execute(named).fetchall() == [("A", 2, 3, True, None)]
    # The second spectrum of the cluster turns out to be a sodium adduct: another elutes with it 21.98195 lower.
    identified.execute("UPDATE spectra SET retention_time_s = 60 WHERE spectrum_id = 2")
    coeluting(identified, (21, "s/1", 100.9 - 21.981945, 61.0))
    assert identified.execute("FROM spectrum_adducts ORDER BY ALL").fetchall() == [(2, "[M+Na]+", 1), (21, "[M+H]+", 1)]
    assert identified.execute(query).fetchall() == [(*first, 0, 1)]
    # An answer to one spectrum that none speaks against comes before one to two.
    put(
        identified,
        "hits",
        {"search_id": "first", "query_id": 3, "rank": 1, "analyte_id": "B", "library_spectrum_id": 52, "score": 0.125},
    )
    assert [row[4:8] for row in identified.execute(query + " ORDER BY place").fetchall()] == [
        ("B", "b name", 1, 0.125),
        ("A", "a name", 2, 0.75),
    ]
    assert identified.execute(named).fetchall() == [("B", 1, 3, False, None), ("A", 2, 3, False, None)]
    # A newer search takes the place of the first, which can still be asked for.
    put(identified, "searches", {"search_id": "second", "study": "s", "library": "l", "finished": "2026-01-02"})
    again = {"search_id": "second", "query_id": 3, "rank": 1, "analyte_id": "B", "library_spectrum_id": 4, "score": 0.25}
    put(identified, "hits", again | {"probability": 0.95})
    assert identified.execute(named).fetchall() == [("B", 1, 3, False, 1)]
    assert identified.execute("SELECT analyte_id FROM marker_answers('first') ORDER BY place").fetchall() == [("B",), ("A",)]


@pytest.mark.covers("views/markers/codeword_precursors")
def test_codeword_precursors(con):
    create_views(con)
    for i, mz in enumerate((200.0, 200.0015, 200.003, 300.0, 300.0)):
        put(con, "spectra", {"spectrum_id": 500 + i, "precursor_mz": mz})
        put(con, "spectrum_codewords", {"codebook": "c", "spectrum_id": 500 + i, "codeword": 1 if mz < 250 else 2})
    # The middle one has both others within 10 ppm, these have each other not: 0.0015 is 7.5 ppm, 0.003 is 15.
    assert con.execute("FROM codeword_precursors ORDER BY codeword").fetchall() == [
        ("c", 1, 3, 200.0015, 3),
        ("c", 2, 2, 300.0, 2),
    ]


@pytest.mark.covers("macros/samples/adduct_pairs")
def test_adduct_pairs(con):
    con.execute(schemas.read("macros/samples/adduct_pairs"))
    put(con, "studies", {"name": "s"})
    proton, sodium, ammonium, neutral = 1.007276, 22.989221, 18.033826, 300.1
    coeluting(
        con,
        (21, "s/1", neutral + proton, 60.0),
        (22, "s/1", neutral + sodium, 61.9),
        (23, "s/1", neutral + ammonium, 62.1),  # 2.1 s from the first, with the second
        (24, "s/2", neutral + sodium, 60.0),  # of another run
        (25, "s/1", (neutral + sodium) * (1 + 12e-6), 60.0),  # 12 ppm off
    )
    rows = con.execute(
        "SELECT study, run_id, spectrum_id, adduct, partner_id, partner_adduct, neutral_mass, ppm_error "
        "FROM adduct_pairs('s') ORDER BY ALL"
    ).fetchall()
    near = pytest.approx(neutral, abs=1e-9), pytest.approx(0, abs=1e-6)
    assert rows == [
        ("s", "s/1", 21, "[M+H]+", 22, "[M+Na]+", *near),
        ("s", "s/1", 22, "[M+Na]+", 21, "[M+H]+", *near),
        ("s", "s/1", 22, "[M+Na]+", 23, "[M+NH4]+", *near),
        ("s", "s/1", 23, "[M+NH4]+", 22, "[M+Na]+", *near),
    ]
    wide = (
        "SELECT spectrum_id, adduct, partner_id, round(ppm_error, 3) "
        "FROM adduct_pairs(ppm := 13, rt_seconds := 3) WHERE spectrum_id = 21"
    )
    assert con.execute(wide + " ORDER BY ALL").fetchall() == [
        (21, "[M+H]+", 22, 0.0),
        (21, "[M+H]+", 23, 0.0),
        (21, "[M+H]+", 25, 12.0),
    ]
    assert con.execute("FROM adduct_pairs('another')").fetchall() == []
    # Of more than one charge, of no retention time, or too light: no pair.
    con.execute("UPDATE spectra SET charge = 2 WHERE spectrum_id = 22")
    assert con.execute("FROM adduct_pairs('s')").fetchall() == []
    coeluting(con, (31, "s/2", 40.0 + proton, 60.0), (32, "s/2", 40.0 + sodium, 60.0))
    con.execute("UPDATE spectra SET charge = NULL, retention_time_s = NULL WHERE spectrum_id = 22")
    assert con.execute("FROM adduct_pairs('s')").fetchall() == []


@pytest.mark.parametrize("ion_mode", ["positive", "negative"])
def test_adduct_pairs_know_the_masses_of_adducts(con, ion_mode):
    con.execute(schemas.read("macros/samples/adduct_pairs"))
    put(con, "studies", {"name": "s"})
    adducts = {
        "positive": ["[M+H]+", "[M+Na]+", "[M+NH4]+", "[M+K]+", "[M-H2O+H]+"],
        "negative": ["[M-H]-", "[M+Cl]-", "[M+CHO2]-", "[M-H2O-H]-"],
    }
    # At the mass that the package's own arithmetic of adducts gives.
    for number, adduct in enumerate(adducts[ion_mode]):
        row = spectrum(100 + number, "s/1", adduct_mz(400.0, adduct), UP, retention_time_s=60.0, ion_mode=ion_mode)
        put(con, "spectra", row)
    rows = con.execute("SELECT DISTINCT spectrum_id, adduct FROM adduct_pairs(ppm := 0.01) ORDER BY ALL").fetchall()
    assert rows == [(100 + number, adduct) for number, adduct in enumerate(adducts[ion_mode])]


@pytest.mark.covers("views/markers/marker_adducts")
def test_marker_adducts(con):
    con.execute(schemas.read("macros/samples/adduct_pairs"))
    con.execute(schemas.read("views/markers/marker_adducts"))
    put(con, "studies", {"name": "s"})
    proton, sodium, potassium = 1.007276, 22.989221, 38.963158
    words = []
    for run, seconds in (("s/1", 60.0), ("s/2", 62.5)):
        start = 100 * int(run[-1])
        # Clusters 1 and 2 are one compound. Of cluster 4 a third is its water loss; cluster 5 elutes elsewhere.
        ions = [(1, 300.1 + sodium), (2, 300.1 + proton), (4, 300.1 - 17.003288)]
        coeluting(con, *((start + codeword, run, mz, seconds) for codeword, mz in ions))
        coeluting(
            con, (start + 5, run, 300.1 + 18.033826, seconds + 9), (start + 6, run, 500.0, 1.0), (start + 7, run, 510.0, 1.0)
        )
        words += [(start + place, codeword) for place, codeword in ((1, 1), (2, 2), (4, 4), (5, 5), (6, 4), (7, 4))]
    # Cluster 3 is in one run only.
    coeluting(con, (103, "s/1", 300.1 + potassium, 60.0))
    words.append((103, 3))
    put(con, "spectrum_codewords", *({"codebook": "c", "spectrum_id": i, "codeword": word} for i, word in words))
    marker = {"study": "s", "target": "t", "level": "run", "codebook": "c", "cliffs_delta": 0.5}
    put(con, "group_markers", *(marker | {"group_value": "g", "codeword": word} for word in (1, 2, 3, 4, 5)))
    # In the other group the first is rarer.
    put(con, "group_markers", marker | {"group_value": "h", "codeword": 1, "cliffs_delta": -0.5})
    put(con, "group_markers", marker | {"group_value": "h", "codeword": 2})
    rows = con.execute(
        "SELECT group_value, codeword, adduct, other_codeword, other_adduct, n_paired, n_spectra "
        "FROM marker_adducts ORDER BY ALL"
    ).fetchall()
    assert rows == [
        ("g", 1, "[M+Na]+", 2, "[M+H]+", 2, 2),
        ("g", 1, "[M+Na]+", 4, "[M-H2O+H]+", 2, 2),
        ("g", 2, "[M+H]+", 1, "[M+Na]+", 2, 2),
        ("g", 2, "[M+H]+", 4, "[M-H2O+H]+", 2, 2),
    ]
