"""Searches that cannot answer say why, in one line with the cause and the remedy, in Python as on the command line."""

import base64
import math
import struct

import pytest
from click.testing import CliRunner
from tiny_lab import build

from spectradb import schemas
from spectradb.cli import main
from spectradb.errors import BadParameter, NoCollection, NoEmbedding, NoModel, NoSpectra
from spectradb.search.checks import check_fragment_tolerance, check_number_of_answers, check_window
from spectradb.search.nothing_found import rounded_up
from spectradb.spelling import closest, known_names
from spectradb.workspace.connection import open_published


def mgf(path, *records, ion_mode="positive", **fields):
    """Write records (precursor m/z and a text of peaks) to an MGF file."""
    stated = "".join(f"{name}={value}\n" for name, value in fields.items())
    texts = (
        f"BEGIN IONS\nTITLE={path.stem}:{i}\nPEPMASS={mz}\nIONMODE={ion_mode}\n{stated}{peaks}\nEND IONS\n"
        for i, (mz, peaks) in enumerate(records)
    )
    path.write_text("\n".join(texts))
    return path


LEUCINE = "30.0338 50\n43.0542 100\n44.0495 150\n86.0964 1000"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The tiny lab with studies that its library cannot answer, each for its own reason."""
    folder = tmp_path_factory.mktemp("messages")
    with build(folder) as lab:
        studies = {
            "plain": mgf(folder / "plain.mgf", (150.1234, "61.0284 10\n75.0441 20"), (151.1234, "61.0284 10\n76.0441 20")),
            "far": mgf(folder / "far.mgf", (132.1085, LEUCINE)),
            "elsewhere": mgf(folder / "elsewhere.mgf", (150.1234, LEUCINE)),
            "coarse": mgf(
                folder / "coarse.mgf", (132.1, "30.0 5\n43.1 10\n86.1 100"), (195.1, "110.1 20\n138.1 100\n195.1 55")
            ),
            "trap": mgf(folder / "trap.mgf", (132.1021, LEUCINE), INSTRUMENT_TYPE="LC-ESI-IT"),
            "mixed": mgf(folder / "mixed.mgf", (132.1021, LEUCINE)),
        }
        for name, file in studies.items():
            lab.import_study(name, file)
        lab.import_study("mixed", mgf(folder / "mixed_negative.mgf", (132.1021, LEUCINE), ion_mode="negative"))
        lab.import_study("negative", mgf(folder / "negative.mgf", (132.1021, LEUCINE), ion_mode="negative"))
        positive = mgf(folder / "amino_acids.mgf", (132.1019, LEUCINE), SMILES="CC(C)CC(N)C(=O)O")
        lab.import_library("amino_acids", positive)
        lab.embed("binned")
        lab.import_study("new", mgf(folder / "new.mgf", (132.1021, LEUCINE.replace("100\n", "90\n"))))
        yield lab


def message_of(lab, study, library="reference", **options):
    with pytest.raises(NoSpectra) as error:
        lab.identify(study, library, **options)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_precursors_out_of_the_window(lab):
    assert message_of(lab, "far") == (
        "none of the 1 spectra of far has a spectrum of reference within 10 ppm of its precursor: the nearest is 50.0 ppm away "
        "(132.1085 and 132.1019, positive). Check the calibration of the masses, or search with --ppm 51"
    )
    assert lab.identify("far", "reference", ppm=51).n_answered == 1


def test_other_compounds(lab):
    message = message_of(lab, "elsewhere")
    assert "the nearest is 73,835.3 ppm away (150.1234 and 139.0390, positive). The library has other compounds" in message
    assert "--open" in message


def test_opposite_polarity(lab):
    told = "the spectra of negative are negative, those of amino_acids positive, and spectra of different ion modes are never"
    assert message_of(lab, "negative", "amino_acids").startswith(told)
    assert message_of(lab, "negative", "amino_acids", ppm=None).startswith(told)
    assert message_of(lab, "negative", "amino_acids", method="cosine_greedy").startswith(told)
    assert "--ion-mode" in message_of(lab, "negative", "amino_acids")


def test_a_part_of_opposite_polarity_is_noted(lab):
    report = lab.identify("mixed", "amino_acids")
    note = "1 negative spectra of mixed cannot be answered: amino_acids has no spectrum of that ion mode"
    assert (report.n_queries, report.n_answered, report.notes) == (2, 1, (note,))
    assert f"  note: {note}" in report.lines()
    assert report.as_dict()["notes"] == [note]
    assert lab.identify("mixed", "amino_acids").notes == (note,)  # also where it was found again
    assert lab.identify("kitchen", "reference").notes == ()


def test_low_resolution(lab):
    message = message_of(lab, "coarse")
    assert "the nearest is 14.4 ppm away" in message
    assert message.endswith(
        "Low resolution: 2 of 2 spectra of coarse looked at have m/z in tenths of a Da, or a unit-mass instrument; too narrow "
        "for them: 0.01 Da and 10 ppm. Search with --fragment-tolerance 0.3 and --ppm 1900"
    )
    wide = lab.identify("coarse", "reference", method="cosine_greedy", ppm=1900, fragment_tolerance_da=0.3)
    assert (wide.n_answered, wide.notes) == (2, ())
    narrow = lab.identify("coarse", "reference", method="cosine_greedy", ppm=1900)
    assert [note.partition(":")[0] for note in narrow.notes] == ["low resolution"]
    assert narrow.notes[0].endswith("too narrow for them: 0.01 Da. Search with --fragment-tolerance 0.3")
    assert "low resolution: 1 of 1 spectra of trap" in lab.identify("trap", "reference").notes[0]
    assert lab.identify("far", "reference", ppm=60).notes == ()


@pytest.mark.covers("queries/checks/resolution")
def test_resolution(lab):
    with open_published(lab.published) as con:
        statement = schemas.read("queries/checks/resolution")

        def found(name):
            return con.execute(statement, {"spectra": "spectra", "collection": name}).fetchall()

        assert found("coarse") == [(2, 2, 4, 0, 163.6)]  # a fifth peak is low
        assert found("trap") == [(1, 1, 3, 0, 132.1021)]
        assert found("far") == [(1, 0, 3, 0, 132.1085)]
        con.execute("CREATE TEMP TABLE drifting AS SELECT * REPLACE ([50.43, 60.64, 150.5] AS mz) FROM spectra")
        drifting = {"spectra": "drifting", "collection": "far"}
        assert con.execute(statement, drifting).fetchall() == [(1, 0, 1, 1, 132.1085)]  # 50.43 is low
        assert found("nothing") == [(0, 0, 0, 0, None)]


@pytest.mark.covers("queries/checks/search_reach", "queries/checks/asked_spectra")
def test_search_reach(lab):
    with open_published(lab.published) as con:
        asked = con.execute(schemas.read("queries/checks/asked_spectra"), {"study": "mixed", "contributors": None}).fetchall()
        assert sorted(asked) == [("negative", 132.1021), ("positive", 132.1021)]
        con.execute(
            "CREATE TEMP TABLE asked AS SELECT 'positive' AS ion_mode, 195.0 AS precursor_mz UNION ALL SELECT 'positive', 300"
        )
        statement = schemas.read("queries/checks/search_reach")
        negative, positive = con.execute(statement, {"queries": "asked", "library": "reference"}).fetchall()
        assert negative == ("negative", 0, 2, None, None, None)
        assert positive[:3] == ("positive", 2, 7)
        assert positive[3:] == (pytest.approx(0.0877 / 195 * 1e6), 195.0, 195.0877)


@pytest.mark.covers("queries/checks/annotated_count", "queries/checks/contributor_count")
def test_annotations_and_contributors(lab):
    with open_published(lab.published) as con:

        def counts(query, name):
            return con.execute(schemas.read(query), {"collection": name}).fetchall()

        assert counts("queries/checks/annotated_count", "kitchen") == [(7, 6)]
        assert counts("queries/checks/annotated_count", "plain") == [(2, 0)]
        assert counts("queries/checks/contributor_count", "reference") == [(1, None)]
        assert counts("queries/checks/contributor_count", "plain") == [(0, None)]


@pytest.mark.parametrize("options", [{}, {"ppm": None}, {"method": "cosine_greedy"}, {"method": "cosine_greedy", "ppm": None}])
def test_a_collection_without_annotation_is_no_library(lab, options):
    for study in ("plain", "kitchen"):
        message = message_of(lab, study, "plain", **options)
        assert message.startswith("none of the 2 spectra of plain carries an annotation, so nothing can be identified against")
    with pytest.raises(NoSpectra, match="none of the 2 spectra of plain carries an annotation"):
        lab.search([86.1], [1.0], 132.1, library="plain", **options)


def test_a_library_of_one_laboratory(lab):
    for ask in (
        lambda: lab.calibrate("reference"),
        lambda: lab.calibrate("reference", method="fused"),
        lambda: lab.identify("reference", "reference", left_out="contributor"),
        lambda: lab.benchmark("retrieval", library="reference"),
    ):
        with pytest.raises(NoSpectra, match=r"reference are of one contributor .*--leave-out copies") as error:
            ask()
        assert "\n" not in str(error.value)
    with pytest.raises(NoSpectra, match=r"right and .* wrong first hits; a calibration needs 20 of each"):
        lab.calibrate("reference", left_out="copies")
    with pytest.raises(BadParameter, match="'energy' cannot be left out; what can: contributor, copies"):
        lab.calibrate("reference", left_out="energy")


@pytest.mark.parametrize("ppm", [0, -1, math.nan, math.inf, -math.inf, 1e5, 1e9])
def test_windows_that_mean_nothing(lab, tmp_path, ppm):
    why = "wider than a tenth" if 1e5 <= ppm < math.inf else "it must be a number above 0"
    spectrum = ([86.0964], [1.0], 132.1019)
    for ask in (
        lambda: lab.identify("kitchen", "reference", ppm=ppm),
        lambda: lab.identify("kitchen", "reference", method="cosine_greedy", ppm=ppm),
        lambda: lab.search(*spectrum, library="reference", ppm=ppm),
        lambda: lab.search(*spectrum, library="reference", method="cosine_greedy", ppm=ppm),
        lambda: lab.calibrate("reference", ppm=ppm),
        lambda: lab.refine("reference", tmp_path / "r.parquet", ppm=ppm),
        lambda: lab.benchmark("retrieval", library="reference", study="kitchen", ppm=ppm),
    ):
        with pytest.raises(BadParameter, match=f"ppm is .*{why}"):
            ask()


def test_numbers_that_mean_nothing():
    check_window(None)
    check_window(99_999)
    for tolerance in (0, -0.1, math.nan, 11):
        with pytest.raises(BadParameter, match="fragment tolerance is"):
            check_fragment_tolerance(tolerance)
    with pytest.raises(BadParameter, match="k is 0: give the number"):
        check_number_of_answers(0)


def test_no_answers_wanted(lab):
    with pytest.raises(BadParameter, match="k is 0"):
        lab.search([86.1], [1.0], 132.1, library="reference", k=0)


@pytest.mark.parametrize(
    ("options", "error", "told"),
    [
        ({"study": "kitchn"}, NoCollection, "'kitchn'; it has: .* Did you mean 'kitchen'"),
        ({"library": "Reference"}, NoCollection, "'Reference'; it has: .* Did you mean 'reference'"),
        ({"model": "bined"}, NoModel, "there is no model 'bined' .* Did you mean 'binned'"),
        ({"model": "small"}, NoModel, "Did you mean 'spectradb_small'"),
        ({"model": "nothing_like_it"}, NoModel, r"there are: binned, spectradb_analogue, spectradb_base, spectradb_small$"),
        (
            {"model": "spectradb_small"},
            NoEmbedding,
            r"it has those by: binned\). Run `spectradb embed LAB --model spectradb_small`",
        ),
        ({"study": "new"}, NoEmbedding, "no spectrum of new has a vector by binned. Run `spectradb embed LAB --model binned`"),
        ({"method": "cosine"}, BadParameter, "there is no method 'cosine'; there are: embedding, cosine_greedy, "),
        ({"contributors": ["Nobody"]}, BadParameter, "it has those of: nobody named"),
    ],
)
def test_names_that_are_not_known(lab, options, error, told):
    with pytest.raises(error, match=told) as raised:
        lab.identify(**({"study": "kitchen", "library": "reference"} | options))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("file", "told"), [("far", "the nearest is 50.0 ppm"), ("coarse", "Low resolution: 2 of 2 spectra of coarse")]
)
def test_search_of_a_file_says_the_same(lab, tmp_path, file, told):
    path = mgf(tmp_path / "far.mgf", (132.1085, LEUCINE))
    if file == "coarse":
        path = mgf(tmp_path / "coarse.mgf", (132.1, "30.0 5\n43.1 10\n86.1 100"), (195.1, "110.1 20\n138.1 100\n195.1 55"))
    result = CliRunner().invoke(main, ["search", str(lab.path), str(path), "--library", "reference"])
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert told in result.stderr
    wide = CliRunner().invoke(main, ["search", str(lab.path), str(path), "--library", "reference", "--ppm", "60"])
    assert wide.exit_code == 0
    assert ("note: low resolution" in wide.stderr) == (file == "coarse")


def test_search_of_a_file_takes_the_width_of_isolation_windows(lab, tmp_path):
    pairs = [float(number) for line in LEUCINE.splitlines() for number in line.split()]
    peaks = base64.b64encode(struct.pack(f">{len(pairs)}f", *pairs)).decode()
    path = tmp_path / "wide.mzXML"
    path.write_text(
        '<mzXML xmlns="http://sashimi.sourceforge.net/schema_revision/mzXML_3.2"><msRun scanCount="1">'
        '<scan num="1" msLevel="2" '
        'peaksCount="4" polarity="+" centroided="1"><precursorMz windowWideness="6">132.1019</precursorMz>'
        f'<peaks precision="32" byteOrder="network" contentType="m/z-int">{peaks}</peaks></scan></msRun></mzXML>'
    )
    call = ["search", str(lab.path), str(path), "--library", "reference"]
    result = CliRunner().invoke(main, call)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert "no spectrum is left to search (1 wide_isolation_window). Extract pseudo spectra" in result.stderr
    assert "state a greater max_isolation_width" in result.stderr
    wide = CliRunner().invoke(main, [*call, "--max-isolation-width", "6"])
    assert (wide.exit_code, wide.stderr) == (0, "1 spectra read, 1 searched, 1 with a candidate\n")
    with pytest.raises(BadParameter, match="max_isolation_width is 0"):
        lab.search_file(path, library="reference", max_isolation_width=0)


def test_the_note_is_printed_and_in_json(lab):
    call = ["identify", str(lab.path), "--study", "trap", "--library", "reference"]
    assert "  note: low resolution: 1 of 1 spectra of trap" in CliRunner().invoke(main, call).stdout
    assert '"notes": ["low resolution: 1 of 1' in CliRunner().invoke(main, [*call, "--json"]).stdout


def test_close_names():
    assert known_names("kichen", ["far", "kitchen"]) == "far, kitchen. Did you mean 'kitchen'?"
    assert known_names("x", []) == "none yet"
    assert known_names("x", ["abc"], none="nobody") == "abc"
    assert known_names("zzz", [f"s{i}" for i in range(15)]).endswith("s11 and 3 more")
    assert closest("s", ["spectra"]) is None
    assert closest("spec", ["spectra_a", "spectra_b"]) is None


def test_windows_are_rounded_up():
    assert [rounded_up(x) for x in (14.4, 50.0, 99.9, 101, 1836.3, 0.5)] == [15, 51, 101, 110, 1900, 0.51]
