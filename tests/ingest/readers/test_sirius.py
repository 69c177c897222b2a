"""The .ms files of SIRIUS."""

import pytest

from spectradb.errors import UnreadableFile
from spectradb.ingest.readers import formats
from spectradb.ingest.readers.raw import Problems

TEXT = """\
# made up
>compound Bicuculline
>formula C20H17NO6
>parentmass 368.113616943359
>ionization [M+H]+
>charge 1
>rt 2.5 min
>smiles O=C1OC(c2c1c1OCOc1cc2)C1N(C)CCc2c1cc1OCOc1c2

>ms1
368.1136 100
369.1170 21

>collision 15
# a comment
125.1 3.0
336.1 20.5

>collision 35 eV
307.0 10

>compound Unknown
>parentmass 200.1
>ionization [M+?]-
>inchikey RYYVLZVUVIJVGH-UHFFFAOYSA-N
>ms2peaks
100.5 7
"""


def read(path):
    problems = Problems()
    rows = [row for batch in formats.detect(path).read(path, problems) for row in batch.to_pylist()]
    return rows, [(problem.place, problem.reason) for problem in problems.found]


def test_each_spectrum_has_the_fields_of_its_compound(tmp_path):
    (tmp_path / "x.ms").write_text(TEXT)
    rows, problems = read(tmp_path / "x.ms")
    assert problems == []
    columns = (
        "native_id",
        "place",
        "precursor_mz",
        "adduct",
        "ion_mode",
        "collision_energy",
        "retention_time_s",
        "mz",
        "intensity",
    )
    assert [tuple(row[column] for column in columns) for row in rows] == [
        ("Bicuculline/1", "line 14", 368.113616943359, "[M+H]+", None, "15", 150.0, [125.1, 336.1], [3.0, 20.5]),
        ("Bicuculline/2", "line 19", 368.113616943359, "[M+H]+", None, "35 eV", 150.0, [307.0], [10.0]),
        ("Unknown", "line 26", 200.1, None, "negative", None, None, [100.5], [7.0]),
    ]
    assert [(row["formula"], row["charge"], row["inchikey"]) for row in rows] == [
        ("C20H17NO6", 1, None),
        ("C20H17NO6", 1, None),
        (None, None, "RYYVLZVUVIJVGH-UHFFFAOYSA-N"),
    ]


def test_peaks_out_of_place_and_unreadable_ones_are_told(tmp_path):
    (tmp_path / "x.ms").write_text(">compound A\n>parentmass 200\n50.1 1\n>ms2\n60 x\n>ms2\n70.5 1\n")
    rows, problems = read(tmp_path / "x.ms")
    assert [row["mz"] for row in rows] == [[70.5]]
    assert [place for place, _ in problems] == ["line 3", "line 4"]
    assert problems[0][1] == "'50.1 1' stands before a >ms2 or >collision of A"


def test_a_file_without_spectra_is_refused(tmp_path):
    (tmp_path / "x.ms").write_text(">compound A\n>parentmass 200\n>ms1\n50.1 1\n")
    with pytest.raises(UnreadableFile):
        read(tmp_path / "x.ms")
