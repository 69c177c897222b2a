import gzip
import string
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matchms.importing import load_from_mgf
from mgf_text import read_text
from pyteomics.mgf import MGF

from spectradb.errors import UnreadableFile
from spectradb.ingest.readers import mgf
from spectradb.ingest.readers.raw import BATCH_SPECTRA, Problem, Problems

DATA = Path(__file__).parents[3] / ".." / "shared" / "data"
REAL = [
    *(f"fixtures/mgf/{name}.mgf" for name in ("metaboscape_lipids", "msdial_pasef", "pesticides", "progenesis_sonar")),
    *(f"fixtures/mgf/{name}.mgf" for name in ("proteomics_small", "testdata")),
    "libraries/gnps_100.mgf",
    "libraries/miadb_monomers.mgf",
]


def stated(row):
    return {name: value for name, value in row.items() if value is not None}


def real(name):
    path = DATA / name
    if not path.exists():
        pytest.skip("the shared test data are not on this machine")
    return path


def test_gnps_library_parts_the_adduct_from_the_name(tmp_path):
    rows, problems = read_text(
        tmp_path,
        "BEGIN IONS\nPEPMASS=181.07\nCHARGE=1\nMSLEVEL=2\nSOURCE_INSTRUMENT=LC-ESI-qTof\nFILENAME=a/b c.mzXML;\nSEQ=*..*\n"
        "IONMODE=Positive\nORGANISM=LIB\nNAME=Made Up C M+H-H2O\nPI=Smith\nDATACOLLECTOR=Lee\nSMILES=CCO\n"
        'INCHI="InChI=1S/C2H6O/c1-2-3/h3H,2H2,1H3"\nINCHIAUX=LFQSCWFLJHTTHZ-UHFFFAOYSA-N\nPUBMED=N/A\nTAGS=\n'
        "LIBRARYQUALITY=1\nSPECTRUMID=CCMS1\nSCANS=1\n50.5\t10\n60.25\t1e3\nEND IONS\n",
    )
    assert problems == []
    assert [stated(row) for row in rows] == [
        {
            "native_id": "CCMS1",
            "place": "line 1",
            "ms_level": 2,
            "precursor_mz": 181.07,
            "charge": 1,
            "ion_mode": "Positive",
            "adduct": "M+H-H2O",
            "instrument_type": "LC-ESI-qTof",
            "name": "Made Up C",
            "smiles": "CCO",
            "inchi": "InChI=1S/C2H6O/c1-2-3/h3H,2H2,1H3",
            "inchikey": "LFQSCWFLJHTTHZ-UHFFFAOYSA-N",
            "contributor": "Smith",
            "run": "a/b c.mzXML",
            "mz": [50.5, 60.25],
            "intensity": [10.0, 1000.0],
        }
    ]


@pytest.mark.parametrize(
    ("name", "parted", "adduct"),
    [
        ("x M+H", "x", "M+H"),
        ("x [2M-H]-", "x", "[2M-H]-"),
        ("x M+2H", "x", "M+2H"),
        ("x M+", "x", "M+"),
        ("M-H", None, "M-H"),
        ("Vitamin M", "Vitamin M", None),
        ("Compound M-12", "Compound M-12", None),
        ("Pesticide M+H salt", "Pesticide M+H salt", None),
    ],
)
def test_trailing_adduct(tmp_path, name, parted, adduct):
    rows, _ = read_text(tmp_path, f"BEGIN IONS\nNAME={name}\n1 1\nEND IONS\n")
    assert (rows[0]["name"], rows[0]["adduct"]) == (parted, adduct)


def test_feature_exports(tmp_path):
    rows, problems = read_text(
        tmp_path,
        "BEGIN IONS\nFEATURE_ID=17\nCCS=153.4\nION_MOBILITY=0.75\nPEPMASS=403.2816\nSCANS=3\nRTINSECONDS=642.924\n"
        "CHARGE=2+\nMSLEVEL=2\n1 1\nEND IONS\n\n"
        "BEGIN IONS\nSCANS=44\nPEPMASS=663.4\nMSLEVEL=1\nCHARGE=1-\nPOLARITY=NEG\nRTINMINUTES=0.5\nION=[M-H]-\n1 1\nEND IONS\n"
        "BEGIN IONS\nPEPMASS=156.04 \nCHARGE=1+\nTITLE=r1.d, MS/MS of 156.04 at 0.86 mins \nRTINSECONDS=51.5\n1 1\nEND IONS\n"
        "BEGIN IONS\nFILENAME=0.58_431.2405m/z\nCHARGE=0\nPEPMASS=500.5 1e6 3+\n1 1\nEND IONS\n",
    )
    assert problems == []
    assert [stated(row) | {"mz": 0, "intensity": 0} for row in rows] == [
        {"native_id": "17", "place": "line 1", "precursor_mz": 403.2816, "charge": 2, "ms_level": 2}
        | {"retention_time_s": 642.924, "feature_id": "17", "ccs": 153.4, "ion_mobility": 0.75, "mz": 0, "intensity": 0},
        {"native_id": "44", "place": "line 13", "precursor_mz": 663.4, "charge": -1, "ms_level": 1, "ion_mode": "NEG"}
        | {"retention_time_s": 30.0, "adduct": "[M-H]-", "mz": 0, "intensity": 0},
        {"native_id": "r1.d, MS/MS of 156.04 at 0.86 mins", "place": "line 23", "precursor_mz": 156.04, "charge": 1}
        | {"retention_time_s": 51.5, "mz": 0, "intensity": 0},
        {"place": "line 30", "precursor_mz": 500.5, "charge": 3, "precursor_intensity": 1e6, "mz": 0, "intensity": 0},
    ]


def test_matchms_flavour_and_second_names(tmp_path):
    rows, _ = read_text(
        tmp_path,
        "BEGIN IONS\nPEPMASS=0\nPRECURSOR_MZ=301.5\nCOMPOUND_NAME=Kaempferol\nNAME=Kaempferol M+Na\nPARENT_MASS=278.5\n"
        "RETENTION_TIME=198.7\nSPECTRUM_ID=S1\nMS_LEVEL=2\nPRINCIPAL_INVESTIGATOR=Doe\nCOLLISION_ENERGY=30 eV\nFORMULA=C2H6O\n"
        "INSTRUMENT_TYPE=Orbitrap\nLICENSE=CC0\nPUBCHEM_CID=5280863\n1 1\nEND IONS\n",
    )
    assert stated(rows[0]) == {
        "native_id": "S1",
        "place": "line 1",
        "ms_level": 2,
        "precursor_mz": 301.5,
        "adduct": "M+Na",
        "collision_energy": "30 eV",
        "instrument_type": "Orbitrap",
        "retention_time_s": 198.7,
        "retention_time_unitless": 198.7,
        "name": "Kaempferol",
        "formula": "C2H6O",
        "pubchem_cid": 5280863,
        "contributor": "Doe",
        "source_license": "CC0",
        "mz": [1.0],
        "intensity": [1.0],
    }


@pytest.mark.parametrize("nothing", ["N/A", "n/a", "", " ", "NA", "null"])
def test_not_stated_is_null_and_keeps_the_spectrum(tmp_path, nothing):
    keys = ("PEPMASS", "CHARGE", "RTINSECONDS", "NAME", "SMILES", "INCHI", "INCHIAUX", "IONMODE", "MSLEVEL", "SPECTRUMID", "PI")
    fields = "".join(f"{key}={nothing}\n" for key in keys)
    rows, problems = read_text(tmp_path, f"BEGIN IONS\n{fields}1 2\nEND IONS\n")
    assert problems == []
    assert stated(rows[0]) == {"place": "line 1", "mz": [1.0], "intensity": [2.0]}


def test_parameters_before_the_first_record_hold_for_all(tmp_path):
    rows, _ = read_text(
        tmp_path,
        "COM=a run\nCHARGE=2+\n# a comment\nBEGIN IONS\nPEPMASS=100\nEND IONS\nBEGIN IONS\nCHARGE=1-\nPEPMASS=200\nEND IONS\n",
    )
    assert [(row["precursor_mz"], row["charge"], row["mz"], row["place"]) for row in rows] == [
        (100.0, 2, [], "line 4"),
        (200.0, -1, [], "line 7"),
    ]


def test_line_ends_byte_order_mark_third_column_and_encoding(tmp_path):
    rows, problems = read_text(
        tmp_path, b"\xef\xbb\xbfBEGIN IONS\r\nNAME=caf\xe9\r\n13C_LABEL=2\r\n 50.5 10 1+\r\n51 20\r\n;note\r\nEND IONS\r\n"
    )
    assert problems == []
    assert stated(rows[0]) == {"place": "line 1", "name": "caf�", "mz": [50.5, 51.0], "intensity": [10.0, 20.0]}


def test_broken_records_cost_only_themselves(tmp_path):
    rows, problems = read_text(
        tmp_path,
        "BEGIN IONS\nTITLE=ok1\n1 1\nEND IONS\n"
        "BEGIN IONS\nTITLE=text\n1 1\nrubbish here\nEND IONS\n"
        "BEGIN IONS\nTITLE=short\n1 1\n2\nEND IONS\n"
        "BEGIN IONS\nTITLE=shifted\n101 6 1\n102\nEND IONS\n"
        "BEGIN IONS\nTITLE=open\n1 1\n"
        "BEGIN IONS\nTITLE=ok2\n2 2\nEND IONS\n"
        "BEGIN IONS\nTITLE=cut\n1 1\n",
    )
    assert [row["native_id"] for row in rows] == ["ok1", "ok2"]
    assert problems == [
        Problem("line 5", "'rubbish here' is no peak (m/z, intensity)"),
        Problem("line 10", "'2' is no peak (m/z, intensity)"),
        Problem("line 15", "'102' is no peak (m/z, intensity)"),
        Problem("line 20", "the record has no END IONS before the next BEGIN IONS in line 23"),
        Problem("line 27", "the file ends before the END IONS of the record"),
    ]


@pytest.mark.parametrize(("text", "place"), [("", "byte 0"), ("COM=nothing here\n", "end of file")])
def test_a_file_without_spectra_is_unreadable(tmp_path, text, place):
    with pytest.raises(UnreadableFile, match="holds no spectrum") as error:
        read_text(tmp_path, text)
    assert error.value.place == place
    assert error.value.path.endswith("x.mgf")


def test_batches_and_gzip(tmp_path):
    n = BATCH_SPECTRA + 3
    text = "".join(f"BEGIN IONS\nSCANS={i}\n{i + 1} 1\nEND IONS\n" for i in range(n)).encode()
    path = tmp_path / "many.mgf.gz"
    path.write_bytes(gzip.compress(text))
    batches = list(mgf.read(path, Problems()))
    assert [batch.num_rows for batch in batches] == [BATCH_SPECTRA, 3]
    assert batches[1].column("native_id").to_pylist() == [str(i) for i in range(BATCH_SPECTRA, n)]


def test_a_truncated_gzip_names_the_compressed_byte(tmp_path):
    noise = np.random.default_rng(0).uniform(50, 500, size=4000)
    text = "".join(f"BEGIN IONS\n{mz} 1\nEND IONS\n" for mz in noise).encode()
    path = tmp_path / "cut.mgf.gz"
    whole = gzip.compress(text)
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnreadableFile, match="gzip stream is broken") as error:
        list(mgf.read(path, Problems()))
    assert error.value.place == f"byte {len(whole) // 2} of the compressed file"


PEAK = st.tuples(st.floats(1, 3000), st.floats(0, 1e12))
NAME = st.text(string.ascii_letters + string.digits + "()-,'", min_size=1, max_size=20)


@settings(max_examples=60, deadline=None)
@given(
    spectra=st.lists(
        st.tuples(st.lists(PEAK, max_size=12), st.floats(10, 3000), st.integers(-4, 4), st.floats(0, 1e5), NAME), min_size=1
    )
)
def test_round_trip(tmp_path_factory, spectra):
    text = "".join(
        f"BEGIN IONS\nPEPMASS={precursor!r}\nCHARGE={abs(charge)}{'-' if charge < 0 else '+'}\n"
        f"RTINSECONDS={time!r}\nTITLE=t{name}\n" + "".join(f"{mz!r} {intensity!r}\n" for mz, intensity in peaks) + "END IONS\n"
        for peaks, precursor, charge, time, name in spectra
    )
    rows, problems = read_text(tmp_path_factory.mktemp("mgf"), text)
    assert problems == []
    assert [
        (
            list(zip(row["mz"], row["intensity"], strict=True)),
            *(row[c] for c in ("precursor_mz", "charge", "retention_time_s", "native_id")),
        )
        for row in rows
    ] == [(peaks, precursor, charge, time, f"t{name}") for peaks, precursor, charge, time, name in spectra]


@settings(max_examples=100, deadline=None)
@given(text=st.text("BEGIN IONS=\nEND 0123456789.,;\t\r[]+-", max_size=200))
def test_any_text_is_read_or_reported(tmp_path_factory, text):
    marked = f"BEGIN IONS\n{text}\nEND IONS\nBEGIN IONS\nTITLE=sentinel\n1 2\nEND IONS\n"
    rows, _ = read_text(tmp_path_factory.mktemp("mgf"), marked)
    assert (rows[-1]["native_id"], rows[-1]["mz"], rows[-1]["intensity"]) == ("sentinel", [1.0], [2.0])


@pytest.mark.parametrize("name", REAL)
def test_same_spectra_as_pyteomics(name):
    path = real(name)
    problems = Problems()
    ours = [row for batch in mgf.read(path, problems) for row in batch.to_pylist()]
    with MGF(str(path), convert_arrays=1, read_charges=False) as reader:
        theirs = list(reader)
    assert problems.found == []
    assert len(ours) == len(theirs) > 0
    for row, reference in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(row["mz"], reference["m/z array"])
        np.testing.assert_array_equal(row["intensity"], reference["intensity array"])
        assert row["precursor_mz"] == reference["params"]["pepmass"][0]
        if "charge" in reference["params"]:
            assert row["charge"] == int(reference["params"]["charge"][0])
        if "rtinseconds" in reference["params"]:
            assert row["retention_time_s"] == pytest.approx(float(reference["params"]["rtinseconds"]))


@pytest.mark.parametrize("name", ["fixtures/mgf/pesticides.mgf", "fixtures/mgf/testdata.mgf", *REAL[-2:]])
def test_same_spectra_as_matchms(name):
    path = real(name)
    ours = [row for batch in mgf.read(path, Problems()) for row in batch.to_pylist()]
    theirs = list(load_from_mgf(str(path)))
    assert len(ours) == len(theirs) > 0
    for row, reference in zip(ours, theirs, strict=True):
        order = np.argsort(row["mz"], kind="stable")
        np.testing.assert_array_equal(np.asarray(row["mz"])[order], reference.peaks.mz)
        np.testing.assert_array_equal(np.asarray(row["intensity"])[order], reference.peaks.intensities)
        assert row["precursor_mz"] == pytest.approx(reference.get("precursor_mz"))
        assert (row["smiles"] or "") == (reference.get("smiles") or "").replace("N/A", "").strip()


def test_a_damaged_line_of_a_real_file_costs_one_record():
    problems = Problems()
    rows = [row for batch in mgf.read(real("fixtures/mgf/agilent.mgf"), problems) for row in batch.to_pylist()]
    assert (len(rows), [problem.place for problem in problems.found]) == (84, ["line 3868"])
