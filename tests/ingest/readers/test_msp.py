import string
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matchms.importing import load_from_msp

from spectradb.errors import UnreadableFile
from spectradb.ingest.readers import msp
from spectradb.ingest.readers.raw import RAW_SCHEMA, Problem, Problems

DATA = Path(__file__).parents[3] / ".." / "shared" / "data"
REAL = [
    "fixtures/msp/MoNA-export-GC-MS-first10.msp",
    "fixtures/msp/comments_with_quotes.msp",
    "fixtures/msp/golm.msp",
    "fixtures/msp/massbank_five_spectra.msp",
    "fixtures/msp/multiline_semicolon.msp",
    "fixtures/msp/progenesis_sonar.msp",
    "fixtures/msp/riken_style_five_spectra.msp",
    "libraries/embl_mcf_negative.msp",
]


def read_text(tmp_path, text):
    path = tmp_path / "x.msp"
    path.write_bytes(text.encode())
    problems = Problems()
    batches = list(msp.read(path, problems))
    assert all(batch.schema == RAW_SCHEMA for batch in batches)
    return [row for batch in batches for row in batch.to_pylist()], problems.found


def stated(row):
    return {name: value for name, value in row.items() if value is not None}


def real(name):
    path = DATA / name
    if not path.exists():
        pytest.skip("the shared test data are not on this machine")
    return path


def test_massbank_export(tmp_path):
    rows, problems = read_text(
        tmp_path,
        "Name: Made up\nSynon: other name\nDB#: XY000001\nInChIKey: LFQSCWFLJHTTHZ-UHFFFAOYSA-N\n"
        "InChI: InChI=1S/C2H6O/c1-2-3/h3H,2H2,1H3\nSMILES: CCO\nPrecursor_type: [M-H]-\nSpectrum_type: MS2\n"
        "PrecursorMZ: 45.0346\n"
        "Instrument_type: LC-ESI-QQ\nInstrument: TQD, Waters\nIon_mode: NEGATIVE\nCollision_energy: 60 % (nominal)\n"
        "Formula: C2H6O\nMW: 46\nExactMass: 46.04\nComments: Parent=45.0346\nNum Peaks: 2\n27.5 83\n28.0 999\n\n",
    )
    assert problems == []
    assert [stated(row) for row in rows] == [
        {
            "native_id": "XY000001",
            "place": "line 1",
            "ms_level": 2,
            "precursor_mz": 45.0346,
            "ion_mode": "NEGATIVE",
            "adduct": "[M-H]-",
            "collision_energy": "60 % (nominal)",
            "instrument": "TQD, Waters",
            "instrument_type": "LC-ESI-QQ",
            "name": "Made up",
            "smiles": "CCO",
            "inchi": "InChI=1S/C2H6O/c1-2-3/h3H,2H2,1H3",
            "inchikey": "LFQSCWFLJHTTHZ-UHFFFAOYSA-N",
            "formula": "C2H6O",
            "mz": [27.5, 28.0],
            "intensity": [83.0, 999.0],
        }
    ]


def test_riken_begins_a_record_with_any_key(tmp_path):
    rows, _ = read_text(
        tmp_path,
        "INCHIKEY: K1\nNAME: a\nPRECURSORMZ: 100.5\nPRECURSORTYPE: [M+H]+\nIONMODE: positive\nINSTRUMENTTYPE: LC\n"
        "COLLISIONENERGY: 40\nRETENTIONTIME: 2.5\nNUM PEAKS: 1\n50 1\n"
        "INCHIKEY: K2\nNAME: b\nRETENTIONTIME: -1\nNUM PEAKS: 1\n60 1",
    )
    assert [stated(row) for row in rows] == [
        {"place": "line 1", "inchikey": "K1", "name": "a", "precursor_mz": 100.5, "adduct": "[M+H]+", "ion_mode": "positive"}
        | {
            "instrument_type": "LC",
            "collision_energy": "40",
            "retention_time_s": 150.0,
            "retention_time_unitless": 2.5,
            "mz": [50.0],
            "intensity": [1.0],
        },
        {"place": "line 11", "inchikey": "K2", "name": "b", "mz": [60.0], "intensity": [1.0]},
    ]


def test_mona_hides_fields_in_comments(tmp_path):
    rows, _ = read_text(
        tmp_path,
        'Name: x\nPrecursorMZ: 0\nComments: "accession=JP1" "author=KOGA M, UNIV." "license=CC BY-NC-SA" "instrument=MAT-44" '
        '"instrument type=EI-B" "ms level=MS1" "ion type=[M]+*" "ionization mode=positive" "SMILES=C=C(O)" '
        '"InChI=InChI=1S/CH4/h1H4" "molecular formula=CH4" "SMILES=[H]C" "author\'s note=5\'" "pubchem cid=297"\n'
        "Num Peaks: 1\n51 2.66\n",
    )
    assert stated(rows[0]) == {
        "native_id": "JP1",
        "place": "line 1",
        "ms_level": 1,
        "precursor_mz": 0.0,
        "ion_mode": "positive",
        "adduct": "[M]+*",
        "instrument": "MAT-44",
        "instrument_type": "EI-B",
        "name": "x",
        "smiles": "C=C(O)",
        "inchi": "InChI=1S/CH4/h1H4",
        "formula": "CH4",
        "pubchem_cid": 297,
        "contributor": "KOGA M, UNIV.",
        "source_license": "CC BY-NC-SA",
        "mz": [51.0],
        "intensity": [2.66],
    }


def test_fields_win_over_comments_unless_not_stated(tmp_path):
    rows, _ = read_text(
        tmp_path,
        'Comment: SMILES="CCO" Contributor="A B"  InChIKey="K9" Charge=2\nName: x\nSMILES: C\nInChIKey: N/A\nNum peaks: 0\n',
    )
    assert stated(rows[0]) == {
        "place": "line 1",
        "name": "x",
        "smiles": "C",
        "inchikey": "K9",
        "contributor": "A B",
        "charge": 2,
        "mz": [],
        "intensity": [],
    }


def test_golm_synonyms_and_pairs(tmp_path):
    rows, _ = read_text(
        tmp_path,
        "Name: M1_x_NA_9,45\nSynon: METB N: glycol\nSynon: METB InChIKey: K1\nSynon: Formula: C9H24O2Si2\nMW: 220,457\n"
        "Num Peaks: 3\n70:10 76:35 \n77:1000 \n\n",
    )
    assert stated(rows[0]) == {
        "place": "line 1",
        "name": "M1_x_NA_9,45",
        "inchikey": "K1",
        "formula": "C9H24O2Si2",
        "mz": [70.0, 76.0, 77.0],
        "intensity": [10.0, 35.0, 1000.0],
    }


@pytest.mark.parametrize(
    "peaks",
    [
        "12 0\n24.5 5\n25 2e1\n",
        "12\t0\t\n24.5\t5\n25\t20\n",
        "12 0; 24.5 5;\n25 20;\n",
        "  12    0;  24.5    5;  25   20;\n",
        "12,0 24.5,5 25,20\n",
        "(12,0) (24.5,5) (25,20)\n",
        "12:0 24.5:5\n25:20\n",
        '12 0 "C; 4=p/3.5ppm 2"\n24.5 5 "?"\n25 20\n',
        '12 0 "a"; 24.5 5 "b 1"; 25 20 ""\n',
        "12 0 C4H9+\n24.5 5 C5\n25 20\n",
        "12 0 7\n24.5 5 8\n25 20 9\n",
    ],
)
def test_spellings_of_peaks(tmp_path, peaks):
    rows, problems = read_text(tmp_path, f"Name: x\nnum Peaks: 3\n{peaks}\n")
    assert problems == []
    assert (rows[0]["mz"], rows[0]["intensity"]) == ([12.0, 24.5, 25.0], [0.0, 5.0, 20.0])


def test_units_of_retention_times(tmp_path):
    times = ["RetentionTime: 2", "RETENTION_TIME: 120", "RTINSECONDS: 120", "RetentionTime: 120 s", "RT: 2.0 min"]
    rows, _ = read_text(tmp_path, "".join(f"Name: x\n{time}\nNum Peaks: 0\n\n" for time in times))
    assert [row["retention_time_s"] for row in rows] == [120.0] * 5


def test_comments_parted_by_semicolons(tmp_path):
    rows, _ = read_text(
        tmp_path,
        "Name: x\nComment: DB#=X1; origin=GNPS; Instrument=Q Exactive HF; Ion_mode=N; Precursor_type=[M-H]-; "
        "InChI=InChI=1S/C2H6O.ClH/c1-2-3;/h3H,2H2,1H3;1H;\nNum Peaks: 1\n50 1\n\n"
        "Name: y\nComment: a note; Ion_mode=P Charge=1;\nNum Peaks: 1\n50 1\n\n"
        'Name: z\nComment: "Ion mode=N" "author=A; B"\nNum Peaks: 1\n50 1\n\n'
        "Name: w\nComment: Parent=281.5 Inst=it;\nNum Peaks: 1\n50 1\n",
    )
    names = ("native_id", "instrument", "ion_mode", "adduct", "inchi", "charge", "contributor", "precursor_mz")
    assert [{name: row[name] for name in names if row[name] is not None} for row in rows] == [
        {"native_id": "X1", "instrument": "Q Exactive HF", "ion_mode": "N", "adduct": "[M-H]-"}
        | {"inchi": "InChI=1S/C2H6O.ClH/c1-2-3;/h3H,2H2,1H3;1H"},
        {"ion_mode": "P", "charge": 1},
        {"ion_mode": "N", "contributor": "A; B"},
        {"precursor_mz": 281.5},
    ]


def test_fields_between_the_count_and_the_peaks(tmp_path):
    rows, problems = read_text(
        tmp_path,
        "Name: a\nNum Peaks: 2\nPrecursorMZ: 100.5\nIon_mode: N\n50 1\n60 2\n\n"
        "Name: b\nNum Peaks: 1\n\n70 1\n\n"
        "Name: c\nNum Peaks: 0\nName: d\nNum Peaks: 1\n80 1\n",
    )
    assert problems == []
    assert [(row["name"], row["precursor_mz"], row["ion_mode"], row["mz"]) for row in rows] == [
        ("a", 100.5, "N", [50.0, 60.0]),
        ("b", None, None, [70.0]),
        ("c", None, None, []),
        ("d", None, None, [80.0]),
    ]


def test_a_count_without_its_peaks_costs_no_other_record(tmp_path):
    rows, problems = read_text(
        tmp_path,
        "Name: a\nNum Peaks: 2\nName: b\nNum Peaks: 1\n50 1\n\n"
        "Name: c\nNum Peaks: 2\n\nName: d\nNum Peaks: 1\n60 1\n\n"
        "INCHIKEY: e\nNum Peaks: 2\nINCHIKEY: f\nNum Peaks: 1\n70 1\n",
    )
    assert [row["name"] for row in rows] == ["b", "d"]
    assert problems == [
        Problem("line 1", "the record states 2 peaks and holds 0"),
        Problem("line 7", "the record states 2 peaks and holds 0"),
        Problem("line 14", "the record has a second 'Num Peaks' line and no peaks before it"),
    ]


def test_decimal_commas(tmp_path):
    rows, problems = read_text(
        tmp_path,
        "Name: a\nPRECURSORMZ: 195,0877\nRT: 4,52\nNum Peaks: 2\n69,0447 120\n110,0713 1.250,5\n\n"
        "Name: b\nPRECURSORMZ: 208.06, 146.06\nNum Peaks: 1\n69.0447 1,250\n\n"
        "Name: c\nPRECURSORMZ: 208\nNum Peaks: 1\n69 1,250\n",
    )
    assert [(row["precursor_mz"], row["retention_time_s"], row["mz"], row["intensity"]) for row in rows] == [
        (195.0877, pytest.approx(271.2), [69.0447, 110.0713], [120.0, 1250.5]),
        (146.06, None, [69.0447], [1250.0]),
    ]
    assert problems == [Problem("line 13", "'69 1,250': '1,250' may be 1.250 or 1250")]


def test_decimal_commas_of_the_peaks_make_points_unclear_and_commas_between_numbers_do_not(tmp_path):
    rows, problems = read_text(
        tmp_path,
        "Name: a\nPRECURSORMZ: 281.201\nRT: 1.250\nNum Peaks: 1\n69,0447 120\n\n"
        "Name: b\nPRECURSORMZ: 1.250\nNum Peaks: 1\n69,0447 120\n\n"
        "Name: c\nPRECURSORMZ: 281.201\nRT: 1.250\nNum Peaks: 2\n12,0 24.5,5\n\n"
        'Name: d\nPRECURSORMZ: 281.201\nRT: 1.250\nNum Peaks: 1\n69.0447 120 "C4H5O, 3,5 ppm"\n',
    )
    assert problems == []
    assert [(row["precursor_mz"], row["retention_time_s"], row["flags"]) for row in rows] == [
        (281.201, None, ["retention_time_unreadable"]),
        (None, None, ["precursor_unreadable"]),
        (281.201, 75.0, None),
        (281.201, 75.0, None),
    ]


def test_broken_records_cost_only_themselves(tmp_path):
    rows, problems = read_text(
        tmp_path,
        "Name: ok1\nNum Peaks: 1\n1 1\n\n"
        "Name: few\nNum Peaks: 3\n1 1\n2 2\n\n"
        "Name: many\nNum Peaks: 1\n1 1\n2 2\nName: text\nNum Peaks: 2\n1 1\nrubbish here\n\n"
        "Name: none\n\nName: lost\nName: half\nNum Peaks: 1\n3\n\nName: wrong\nNum Peaks: some\n4 4\n\n"
        "Name: ok2\nNum Peaks: 1\n5 5\n",
    )
    assert [row["name"] for row in rows] == ["ok1", "ok2"]
    assert problems == [
        Problem("line 5", "the record states 3 peaks and holds 2"),
        Problem("line 10", "the record states 1 peaks and holds 2"),
        Problem("line 14", "'rubbish here' is no peak (m/z, intensity)"),
        Problem("line 19", "the record has no 'Num Peaks' line"),
        Problem("line 21", "the record has no 'Num Peaks' line"),
        Problem("line 22", "'3' is no peak (m/z, intensity)"),
        Problem("line 26", "'Num Peaks' is 'some', not a count"),
    ]


@pytest.mark.parametrize(("text", "place"), [("", "byte 0"), ("\n\n", "end of file")])
def test_a_file_without_spectra_is_unreadable(tmp_path, text, place):
    with pytest.raises(UnreadableFile, match="holds no spectrum") as error:
        read_text(tmp_path, text)
    assert error.value.place == place


def test_a_file_of_broken_records_reports_them(tmp_path):
    assert read_text(tmp_path, "Name: x\n") == ([], [Problem("line 1", "the record has no 'Num Peaks' line")])


PEAK = st.tuples(st.floats(1, 3000), st.floats(0, 1e12))
NAME = st.text(string.ascii_letters + string.digits + "()-,' =:;\"", min_size=1, max_size=20)


@settings(max_examples=60, deadline=None)
@given(
    spectra=st.lists(st.tuples(st.lists(PEAK, max_size=12), st.floats(10, 3000), st.integers(-4, 4), NAME), min_size=1),
    separator=st.sampled_from([" ", "\t", "  "]),
    end=st.sampled_from(["\n", ";\n", "; ", ' "b1/2.5"\n', "\r\n"]),
    blank=st.booleans(),
)
def test_round_trip(tmp_path_factory, spectra, separator, end, blank):
    text = "".join(
        f"Name: t{name}t\nPRECURSORMZ: {precursor!r}\nCharge: {charge}\nNum Peaks: {len(peaks)}\n"
        + "".join(f"{mz!r}{separator}{intensity!r}{end}" for mz, intensity in peaks)
        + ("\n\n" if blank else "\n" if end == "; " else "")
        for peaks, precursor, charge, name in spectra
    )
    rows, problems = read_text(tmp_path_factory.mktemp("msp"), text)
    assert problems == []
    assert [
        (list(zip(row["mz"], row["intensity"], strict=True)), row["precursor_mz"], row["charge"], row["name"]) for row in rows
    ] == [(peaks, precursor, charge, f"t{name}t") for peaks, precursor, charge, name in spectra]


@settings(max_examples=100, deadline=None)
@given(text=st.text('Name: Numpeaks\n0123456789.,;:\t\r"()=', max_size=200))
def test_any_text_is_read_or_reported(tmp_path_factory, text):
    marked = f"Name: x\n{text}\n\nName: sentinel\nNum Peaks: 1\n1 2\n"
    rows, _ = read_text(tmp_path_factory.mktemp("msp"), marked)
    assert (rows[-1]["name"], rows[-1]["mz"], rows[-1]["intensity"]) == ("sentinel", [1.0], [2.0])


@pytest.mark.parametrize("name", REAL)
def test_same_spectra_as_matchms(name):
    path = real(name)
    problems = Problems()
    ours = [row for batch in msp.read(path, problems) for row in batch.to_pylist()]
    theirs = list(load_from_msp(str(path)))
    assert problems.found == []
    # matchms runs a record without peaks into the next one.
    ours = [row for row in ours if row["mz"]]
    assert len(ours) == len(theirs) > 0
    for row, reference in zip(ours, theirs, strict=True):
        order = np.argsort(row["mz"], kind="stable")
        np.testing.assert_array_equal(np.asarray(row["mz"])[order], reference.peaks.mz)
        np.testing.assert_array_equal(np.asarray(row["intensity"])[order], reference.peaks.intensities)
        assert (row["precursor_mz"] or 0.0) == pytest.approx(reference.get("precursor_mz") or 0.0)
        assert row["adduct"] == (reference.get("adduct") or reference.get("ion_type") or row["adduct"])
        assert (row["name"] or "") == (reference.get("compound_name") or "")
