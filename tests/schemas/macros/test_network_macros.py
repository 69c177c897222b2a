"""Molecular networks in SQL, by spectra small enough to be counted by hand."""

import math
import re

import duckdb
import pytest

from spectradb import schemas

HEXOSE, METHYLENE = 162.052824, 14.01565

# id, precursor m/z, charge, ion mode, m/z of the peaks, vector
SPECTRA = [
    (1, 300.0, 1, "positive", [100.0, 150.0, 200.0, 300.0], [1.0, 0.0]),
    (2, 300.0 + METHYLENE, None, "positive", [100.0, 150.004, 200.0 + METHYLENE, 300.0 + METHYLENE], [0.8, 0.6]),
    (3, 300.0 + HEXOSE, 2, "positive", [100.0, 150.0, 150.008, 300.0], [0.6, 0.8]),
    (4, 300.0, -1, "negative", [100.0, 150.0, 200.0, 300.0], [1.0, 0.0]),
]
# Modifications with their formulas and what they lose; masses of isotopes of AME 2020.
MASSES = {"C": 12.0, "H": 1.00782503190, "N": 14.00307400425, "O": 15.99491461926, "S": 31.97207117354, "P": 30.97376199768}
MASSES |= {"Na": 22.98976928195, "K": 38.96370648482, "Cl": 34.96885269, "[13C]": 13.00335483534}


def made(con, **relations):
    for name, (columns, rows) in relations.items():
        con.execute(f"CREATE OR REPLACE TABLE {name} ({columns})")
        if rows:
            con.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(rows[0]))})", rows)


@pytest.fixture
def con():
    con = duckdb.connect()
    columns = "spectrum_id BIGINT, precursor_mz DOUBLE, charge TINYINT, ion_mode VARCHAR, mz DOUBLE[], embedding_flat FLOAT[2]"
    made(con, spectra=(columns, SPECTRA))
    con.execute("CREATE SCHEMA vectors")
    con.execute(
        "CREATE VIEW vectors.study__flat AS SELECT spectrum_id AS id, precursor_mz, ion_mode, embedding_flat AS embedding "
        "FROM spectra"
    )
    con.execute(schemas.read("views/networks/common_modifications"))
    for name in schemas.creation_order("macros/networks"):
        if not name.endswith("known_spectra"):
            con.execute(schemas.read(name))
    return con


@pytest.mark.covers("macros/networks/network_pairs")
def test_network_pairs(con):
    pairs = "SELECT * FROM network_pairs('vectors.study__flat', min_score := {}, max_mz_difference := {}) ORDER BY ALL"
    found = con.sql(pairs.format(0.5, 500)).fetchall()
    assert [row[:2] for row in found] == [(1, 2), (1, 3), (2, 3)]
    assert [row[2] for row in found] == pytest.approx([0.8, 0.6, 0.96])
    assert [row[:2] for row in con.sql(pairs.format(0.7, 500)).fetchall()] == [(1, 2), (2, 3)]
    assert [row[:2] for row in con.sql(pairs.format(0.5, 150)).fetchall()] == [(1, 2), (2, 3)]
    # A product above 1 by rounding is 1; of equal precursors the smaller id comes first.
    con.execute("UPDATE spectra SET embedding_flat = [1.0001, 0]::FLOAT[2], precursor_mz = 300, ion_mode = 'negative'")
    assert con.sql(pairs.format(0.5, 0)).fetchall() == [(i, j, 1.0) for i in range(1, 5) for j in range(i + 1, 5)]


def test_network_pairs_of_many_lists(con):
    # Vectors of the plane whose angles grow by 6 degrees: 15 directions, 10 precursors, two ion modes, 200 spectra.
    spectra = [
        (i, 100.0 + i * 7 % 10, "positive" if i % 4 else "negative", [math.cos(turn), math.sin(turn)])
        for i in range(1, 201)
        for turn in [math.radians(6 * (i % 15))]
    ]
    made(con, many=("id BIGINT, precursor_mz DOUBLE, ion_mode VARCHAR, embedding FLOAT[2]", [*spectra, (0, None, None, None)]))
    found = con.sql("FROM network_pairs('many', min_score := 0.9, max_mz_difference := 3)").fetchall()
    # Less than 26 degrees, so 4 directions apart at most.
    assert sorted(row[:2] for row in found) == sorted(
        (i, j)
        for i, mz_i, mode_i, _ in spectra
        for j, mz_j, mode_j, _ in spectra
        if mode_i == mode_j and abs(i % 15 - j % 15) <= 4 and (mz_i, i) < (mz_j, j) and mz_j - mz_i <= 3
    )


@pytest.mark.covers("macros/networks/shifted_matches")
def test_shifted_matches(con):
    made(con, pairs=("spectrum_id_a BIGINT, spectrum_id_b BIGINT", [(1, 2), (1, 3), (2, 3)]))
    found = "SELECT * FROM shifted_matches('pairs', fragment_tolerance_da := {}) ORDER BY ALL"
    # 1 and 2 share two peaks as they are, two shifted by CH2. In 3 two peaks lie with one of 1, which counts once.
    assert con.sql(found.format(0.01)).fetchall() == [(1, 2, 4), (1, 3, 3), (2, 3, 2)]
    assert con.sql(found.format(0.001)).fetchall() == [(1, 2, 3), (1, 3, 3), (2, 3, 1)]


@pytest.mark.covers("macros/networks/best_links")
def test_best_links(con):
    columns = "spectrum_id_a BIGINT, spectrum_id_b BIGINT, score FLOAT, matched_peaks INTEGER"
    pairs = [(1, 2, 0.75, 6), (1, 3, 0.75, 6), (1, 4, 0.5, 9), (3, 4, 0.875, 6), (2, 4, 1.0, 5)]
    made(con, pairs=(columns, pairs))
    found = "SELECT * FROM best_links('pairs', top_k := {}, min_matched_peaks := {}) ORDER BY ALL"
    assert con.sql(found.format(10, 6)).fetchall() == pairs[:4]
    # The best of 1 is 2, of two equal ones the smaller; 3 and 4 have each other.
    assert con.sql(found.format(1, 6)).fetchall() == [pairs[0], pairs[3]]
    assert con.sql(found.format(1, 5)).fetchall() == [pairs[4]]


@pytest.mark.covers("macros/networks/named_links")
def test_named_links(con):
    columns = "spectrum_id_a BIGINT, spectrum_id_b BIGINT, score FLOAT, matched_peaks INTEGER"
    made(con, links=(columns, [(1, 2, 0.75, 6), (1, 3, 0.5, 6)]))
    named = "SELECT spectrum_id_b, round(mz_difference, 6), round(mass_difference, 6), modification FROM named_links('links'{})"
    # A charge that is not stated counts as one; of two charges a difference of m/z is none of mass.
    found = con.sql(named.format("") + " ORDER BY ALL").fetchall()
    assert found == [(2, METHYLENE, METHYLENE, "methylation or CH2 homologue"), (3, HEXOSE, None, None)]
    con.execute("UPDATE spectra SET charge = 2, precursor_mz = 300 + 79.962 / 2 WHERE spectrum_id = 3")
    con.execute("UPDATE spectra SET charge = 2 WHERE spectrum_id = 1")
    asked = con.sql(named.format(", modification_tolerance_da := 0.006") + " WHERE spectrum_id_b = 3").fetchall()
    assert asked == [(3, 39.981, 79.962, "phosphorylation or sulfation")]
    assert con.sql(named.format("") + " WHERE spectrum_id_b = 3").fetchall() == [(3, 39.981, 79.962, "phosphorylation")]


@pytest.mark.covers("macros/networks/network")
def test_network(con):
    found = con.sql(
        "SELECT spectrum_id_a, spectrum_id_b, round(score::DOUBLE, 2), matched_peaks, round(mz_difference, 6), modification "
        "FROM network('study', model := 'flat', min_score := 0.5, min_matched_peaks := 2)"
    ).fetchall()
    assert found == [
        (2, 3, 0.96, 2, round(HEXOSE - METHYLENE, 6), None),
        (1, 2, 0.8, 4, METHYLENE, "methylation or CH2 homologue"),
        (1, 3, 0.6, 3, HEXOSE, None),
    ]
    closest = con.sql("SELECT spectrum_id_a FROM network('study', model := 'flat', top_k := 1, min_matched_peaks := 2)")
    assert closest.fetchall() == [(2,)]
    assert con.sql("FROM network('study', model := 'flat')").fetchall() == []


@pytest.mark.covers("macros/networks/network_families")
def test_network_families(con):
    # A chain of five whose weakest links are in its middle, a pair, and a triangle of equal ones.
    links = [(1, 2, 0.95), (2, 3, 0.75), (3, 4, 0.81), (4, 5, 0.95), (6, 7, 0.7), (10, 11, 1), (11, 12, 1), (10, 12, 1)]
    made(con, edges=("spectrum_id_a BIGINT, spectrum_id_b BIGINT, score FLOAT", links))
    found = "SELECT * FROM network_families('edges', max_size := {}) ORDER BY ALL"
    whole = [(i, 1, 5, 0.68) for i in range(1, 6)]
    pair, triangle = [(6, 6, 2, 0.68), (7, 6, 2, 0.68)], [(i, 10, 3, 0.68) for i in (10, 11, 12)]
    assert con.sql(found.format(5)).fetchall() == whole + pair + triangle
    parted = [(1, 1, 2, 0.76), (2, 1, 2, 0.76), *((i, 3, 3, 0.76) for i in (3, 4, 5))]
    assert con.sql(found.format(3)).fetchall() == parted + pair + triangle
    # Where no score parts those who are too many, each is alone.
    alone = [(i, i, 1, None) for i in (10, 11, 12)]
    assert con.sql(found.format(2)).fetchall() == [
        *parted[:2],
        (3, 3, 1, None),
        (4, 4, 2, 0.82),
        (5, 4, 2, 0.82),
        *pair,
        *alone,
    ]


@pytest.mark.covers("macros/networks/neighbour_candidates")
def test_neighbour_candidates(con):
    edges = [(1, 2, 0.75, 6, 14.0, "CH2"), (2, 3, 0.875, 7, 16.0, "O"), (1, 3, 0.5, 8, 30.0, None)]
    columns = "spectrum_id_a BIGINT, spectrum_id_b BIGINT, score FLOAT, matched_peaks INTEGER, mz_difference DOUBLE, "
    made(
        con,
        edges=(columns + "modification VARCHAR", edges),
        sure=("spectrum_id BIGINT, analyte_id VARCHAR, name VARCHAR", [(1, "A", "Amine"), (3, "B", "Base")]),
    )
    # Only 2 is unknown: 16 lighter than what it is nearest to, 14 heavier than the other.
    assert con.sql("FROM neighbour_candidates('edges', 'sure') ORDER BY place").fetchall() == [
        (2, 1, 3, "B", "Base", 0.875, 7, -16.0, "O"),
        (2, 2, 1, "A", "Amine", 0.75, 6, 14.0, "CH2"),
    ]


@pytest.mark.covers("macros/networks/family_summary")
def test_family_summary(con):
    of_families = [(1, 1), (2, 1), (3, 1), (4, 4)]
    known = [(1, "A", "Zebra acid"), (2, "A", "Aardvark acid"), (3, "B", "Badger acid")]
    made(
        con,
        grouped=("spectrum_id BIGINT, family_id BIGINT", of_families),
        sure=("spectrum_id BIGINT, analyte_id VARCHAR, name VARCHAR", known),
    )
    assert con.sql("FROM family_summary('grouped', 'sure')").fetchall() == [
        (1, 3, 3, 2, "Aardvark acid", ["Aardvark acid", "Badger acid"], 300.0, 300.0 + HEXOSE),
        (4, 1, 0, 0, None, None, 300.0, 300.0),
    ]


@pytest.mark.covers("views/networks/common_modifications")
def test_common_modifications_have_the_masses_of_their_formulas(con):
    def mass(formula):
        return sum(MASSES[atom] * int(n or 1) for atom, n in re.findall(r"(\[13C\]|[A-Z][a-z]?)(\d*)", formula))

    rows = con.sql("SELECT modification, gain, loss, mass_difference FROM common_modifications").fetchall()
    assert ("hexose", "C6H10O5", "", HEXOSE) in rows
    assert [row for row in rows if abs(mass(row[1]) - mass(row[2]) - row[3]) > 6e-7] == []
    assert len({row[0] for row in rows}) == len(rows)


@pytest.mark.covers("macros/networks/known_spectra")
def test_known_spectra(tiny_lab):
    found = "SELECT native_id, k.analyte_id, k.name, basis, round(answer_score::DOUBLE, 3) FROM known_spectra({}) AS k "
    found += "JOIN spectra USING (spectrum_id) WHERE native_id LIKE 'lemon%' ORDER BY native_id"
    by_record = [
        ("lemon:1", "KRKNYBCHXYNGOX", None, "record", None),
        ("lemon:3", "IPCSVZSSVZVIGE", None, "record", None),
    ]
    answer = ("lemon:2", "YGSDEFSMJLZEOE", "Salicylic acid", "identification", 0.838)
    every = tiny_lab.sql(found.format("'kitchen', only_confident := false")).fetchall()
    assert every == [by_record[0], answer, by_record[1]]
    assert tiny_lab.sql(found.format("'kitchen', search_name := 'first', only_confident := false")).fetchall() == every
    # Without a calibration no answer is confident by the default rule.
    assert tiny_lab.sql(found.format("'kitchen'")).fetchall() == by_record
    assert tiny_lab.sql("SELECT count(*) FROM known_spectra('reference')").fetchall() == [(9,)]


@pytest.mark.covers(
    "queries/networks/network_spectra",
    "queries/networks/network_edges",
    "queries/networks/network_nodes",
    "queries/networks/network_families",
)
def test_statements_of_the_verb(tiny_lab):
    con = tiny_lab.cursor()

    def rows(name, **values):
        return con.execute(schemas.read(f"queries/networks/{name}"), values).fetchall()

    listed = rows("network_spectra", collection="kitchen")
    assert [row[4] for row in listed] == ["negative"] * 3 + ["positive"] * 4
    assert [row[3] for row in listed] == [137.0245, 191.0198, 255.233, 132.1019, 132.102, 132.1021, 195.0876]
    lemon_2, lemon_1 = listed[0][0], listed[1][0]
    asked = {"collection": "kitchen", "search": None, "only_confident": True}
    con.execute(
        f"CREATE TEMP TABLE network_links AS SELECT {lemon_2} AS spectrum_id_a, {lemon_1} AS spectrum_id_b, "
        "0.75::FLOAT AS score, 6 AS matched_peaks"
    )
    edges = rows("network_edges", modification_tolerance_da=0.005)
    assert edges == [(lemon_2, lemon_1, 0.75, 6, pytest.approx(53.9953), pytest.approx(53.9953), None)]
    con.execute("CREATE TEMP TABLE network_edges AS FROM named_links('network_links')")
    con.execute("CREATE TEMP TABLE network_members AS FROM network_families('network_edges')")
    found = [(row[1], row[3], *row[10:15], *row[19:22]) for row in rows("network_nodes", **asked)]
    family = min(lemon_1, lemon_2)
    assert sorted(found) == [
        ("lemon:1", "kitchen/lemon", family, 2, "record", "KRKNYBCHXYNGOX", None, None, None, None),
        ("lemon:2", "kitchen/lemon", family, 2, "candidate", None, None, lemon_1, None, 0.75),
    ]
    assert rows("network_families", **asked) == [(family, 2, 1, 1, None, None, 137.0245, 191.0198)]
