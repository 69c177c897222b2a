"""Whatever style of numbers a text format is written in, the same numbers come out, or the record is refused: never others."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectradb.ingest.readers import gnps_json, massbank, mgf, mona_json, msp, mzspeclib
from spectradb.ingest.readers.raw import Problems


def grouped(value, decimals, group, decimal):
    text = f"{value:,.{decimals}f}"
    return text.translate(str.maketrans({",": group, ".": decimal}))


STYLES = {
    "point": lambda value, decimals: f"{value:.{decimals}f}",
    "comma": lambda value, decimals: f"{value:.{decimals}f}".replace(".", ","),
    "thousands with commas": lambda value, decimals: grouped(value, decimals, ",", "."),
    "thousands with points": lambda value, decimals: grouped(value, decimals, ".", ","),
    "thousands with apostrophes": lambda value, decimals: grouped(value, decimals, "'", "."),
    "exponent": lambda value, _: f"{value:.9E}",
    "exponent with comma": lambda value, _: f"{value:.9e}".replace(".", ","),
}


def write_mgf(precursor, peaks):
    return "x.mgf", mgf, f"BEGIN IONS\nPEPMASS={precursor}\n" + "".join(f"{m} {i}\n" for m, i in peaks) + "END IONS\n"


def write_msp(precursor, peaks):
    return (
        "x.msp",
        msp,
        f"Name: x\nPrecursorMZ: {precursor}\nNum Peaks: {len(peaks)}\n" + "".join(f"{m}\t{i}\n" for m, i in peaks),
    )


def write_msp_on_one_line(precursor, peaks):
    _, reader, text = write_msp(precursor, ())
    return "x.msp", reader, text.replace("Num Peaks: 0", f"Num Peaks: {len(peaks)}") + "; ".join(f"{m} {i}" for m, i in peaks)


def write_massbank(precursor, peaks):
    return (
        "x.txt",
        massbank,
        f"ACCESSION: MSBNK-X-1\nMS$FOCUSED_ION: PRECURSOR_M/Z {precursor}\nPK$NUM_PEAK: {len(peaks)}\n"
        "PK$PEAK: m/z int. rel.int.\n" + "".join(f"  {m} {i} 999\n" for m, i in peaks) + "//\n",
    )


def write_gnps(precursor, peaks):
    return (
        "x.json",
        gnps_json,
        json.dumps([{"spectrum_id": "a", "Precursor_MZ": precursor, "peaks_json": [list(p) for p in peaks]}]),
    )


def write_mona(precursor, peaks):
    entry = {"name": "precursor m/z", "value": precursor}
    spectrum = " ".join(f"{m}:{i}" for m, i in peaks)
    return "x.json", mona_json, json.dumps([{"id": "a", "metaData": [entry], "spectrum": spectrum}])


def write_mzspeclib(precursor, peaks):
    text = (
        f"<mzSpecLib>\nMS:1003186|library format version=1.0\n<Spectrum=1>\nMS:1000744|selected ion m/z={precursor}\n<Peaks>\n"
    )
    return "x.mzspeclib.txt", mzspeclib, text + "".join(f"{m}\t{i}\n" for m, i in peaks)


WRITERS = (write_mgf, write_msp, write_msp_on_one_line, write_massbank, write_gnps, write_mona, write_mzspeclib)

# m/z below the largest that is taken for one.
MZ = st.floats(20, 19999) | st.integers(20, 1999).map(float)
HEIGHT = st.floats(0.001, 1e9) | st.integers(1, 5_000_000).map(float)


@pytest.mark.parametrize("write", WRITERS)
@settings(max_examples=60, deadline=None)
@given(
    style=st.sampled_from(sorted(STYLES)),
    precursor=MZ,
    peaks=st.lists(st.tuples(MZ, HEIGHT), min_size=1, max_size=5),
    mz_decimals=st.integers(0, 6),
    height_decimals=st.integers(0, 4),
)
def test_the_same_numbers_or_a_refusal(tmp_path_factory, write, style, precursor, peaks, mz_decimals, height_decimals):
    spell = STYLES[style]
    # A locale shows in numbers with decimals alone; of "1.250" beside nothing else nobody can tell that it is 1250.
    precursor_text = spell(precursor, max(mz_decimals, 4))
    texts = [(spell(m, mz_decimals), spell(i, height_decimals)) for m, i in peaks]
    name, reader, content = write(precursor_text, texts)
    file = tmp_path_factory.mktemp("styles") / name
    file.write_text(content)
    problems = Problems()
    rows = [row for batch in reader.read(file, problems) for row in batch.to_pylist()]
    assert len(rows) + len(problems.found) == 1
    for row in rows:
        exponent = style.startswith("exponent")
        if row["precursor_mz"] is None:
            assert row["flags"] == ["precursor_unreadable"]
        else:
            stated = precursor if exponent else round(precursor, max(mz_decimals, 4))
            assert math.isclose(row["precursor_mz"], stated, rel_tol=1e-8)
        expected = [(m if exponent else round(m, mz_decimals), i if exponent else round(i, height_decimals)) for m, i in peaks]
        for found, (mz, height) in zip(zip(row["mz"], row["intensity"], strict=True), expected, strict=True):
            assert math.isclose(found[0], mz, rel_tol=1e-8), (texts, found)
            assert math.isclose(found[1], height, rel_tol=1e-8, abs_tol=1e-12), (texts, found)


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("style", sorted(STYLES))
def test_usual_spectra_are_read_in_every_style(tmp_path, write, style):
    spell = STYLES[style]
    peaks = [(69.0447, 120.5), (138.0662, 12345.25), (195.0877, 7.5)]
    name, reader, content = write(spell(195.0877, 4), [(spell(m, 4), spell(i, 2)) for m, i in peaks])
    (tmp_path / name).write_text(content)
    problems = Problems()
    rows = [row for batch in reader.read(tmp_path / name, problems) for row in batch.to_pylist()]
    assert problems.found == []
    assert rows[0]["precursor_mz"] == pytest.approx(195.0877)
    assert list(zip(rows[0]["mz"], rows[0]["intensity"], strict=True)) == [pytest.approx(peak) for peak in peaks]
