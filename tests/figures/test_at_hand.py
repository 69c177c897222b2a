"""The best hit of a file that is only looked up is drawn."""

import duckdb
import pytest
from click.testing import CliRunner

from spectradb import schemas
from spectradb.cli.main import main
from spectradb.errors import BadParameter

# Peaks of R2 of the library, leucine at 20 eV, and one more; and a worse match.
QUERIES = """BEGIN IONS
TITLE=worse
PEPMASS=132.1019
CHARGE=1+
86.0964 100
118.2 90
END IONS
BEGIN IONS
TITLE=best
PEPMASS=132.1021
CHARGE=1+
30.0338 100
43.0542 60
44.0495 120
86.0964 1000
118.2 5
END IONS
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "queries.mgf"
    path.write_text(QUERIES)
    return path


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_the_best_hit_is_drawn(tiny_lab, file, tmp_path, suffix):
    out = tmp_path / f"best.{suffix}"
    found = tiny_lab.search_file(file, library="reference", plot=out)
    first, second, third = found.drawn
    assert first.startswith("best (queries.mgf), candidate 1 of ")
    assert "4 matched peaks, precursor -1.5 ppm" in second
    assert third == f"drawn in {out}"
    assert found.lines()[-3:] == [first, second, third]
    assert out.read_bytes()[:5] in {b"<?xml", b"\x89PNG\r"}


def test_an_open_search_counts_no_candidates(tiny_lab, file, tmp_path):
    found = tiny_lab.search_file(file, library="reference", ppm=None, plot=tmp_path / "open.svg")
    assert found.drawn[0].startswith("best (queries.mgf), candidate 1: L-Leucine [M+H]+")
    assert (tmp_path / "open.svg").exists()


def test_the_verb_draws_and_refuses_other_files(tiny_lab, file, tmp_path):
    def called(out):
        return CliRunner().invoke(main, ["search", str(tiny_lab.path), str(file), "--library", "reference", "--plot", str(out)])

    assert called(tmp_path / "x.svg").stderr.endswith(f"drawn in {tmp_path / 'x.svg'}\n")
    assert (tmp_path / "x.svg").exists()
    assert "x.gif: the suffix names no format of figures" in called(tmp_path / "x.gif").stderr
    with pytest.raises(BadParameter):
        tiny_lab.search_file(file, library="reference", plot=tmp_path / "x.gif")


@pytest.mark.covers("queries/figures/drawn_spectrum")
def test_drawn_spectrum():
    con = duckdb.connect()
    con.execute("CREATE TABLE spectra AS SELECT unnest([1, 2]) AS spectrum_id, [50.5] AS mz, [1.0] AS intensity, "
                "100.5 AS precursor_mz, NULL::DOUBLE AS precursor_mz_stated, '20 eV' AS collision_energy")  # fmt: skip
    found = con.execute(schemas.read("queries/figures/drawn_spectrum"), {"library": 2}).fetchall()
    assert found == [(2, [50.5], [1.0], 100.5, None, "20 eV")]
