"""Spectra handed to matchms and back, and the lab's tables opened by LanceDB."""

import numpy as np
import pytest
from matchms import Spectrum
from matchms.similarity import CosineGreedy

from spectradb.errors import BadParameter, BadSelect

QUERY = """
SELECT s.* EXCLUDE (tic), t.smiles, t.inchikey FROM spectra s LEFT JOIN structures t USING (structure_id)
WHERE collection = $1 ORDER BY spectrum_id
"""


@pytest.fixture(scope="module")
def library(tiny_lab):
    """Name of the tiny lab's library."""
    ((name,),) = tiny_lab.sql("SELECT name FROM libraries").fetchall()
    return name


@pytest.fixture(scope="module")
def spectra(tiny_lab, library):
    """The library's spectra as those of matchms."""
    return tiny_lab.matchms_spectra(QUERY, [library])


def test_spectra_have_the_peaks_and_the_metadata_of_their_rows(tiny_lab, library, spectra):
    rows = tiny_lab.sql(QUERY, [library]).to_arrow_table().to_pylist()
    assert len(spectra) == len(rows) > 1
    for spectrum, row in zip(spectra, rows, strict=True):
        assert isinstance(spectrum, Spectrum)
        assert spectrum.peaks.mz.tolist() == row["mz"]
        assert spectrum.peaks.intensities.tolist() == row["intensity"]
        of_spectrum = (spectrum.get(name) for name in ("precursor_mz", "ionmode", "smiles", "inchikey", "compound_name"))
        assert tuple(of_spectrum) == tuple(row[name] for name in ("precursor_mz", "ion_mode", "smiles", "inchikey", "name"))
        assert not any(name.startswith("embedding") for name in spectrum.metadata)


def test_what_is_not_known_is_no_metadata(tiny_lab):
    (spectrum,) = tiny_lab.matchms_spectra(
        "SELECT [100.0, 200.0] AS mz, [1.0, 0.5] AS intensity, NULL AS adduct, 60.0 AS retention_time_s"
    )
    assert spectrum.get("adduct") is None
    assert spectrum.get("retention_time") == 60.0


def test_matchms_scores_them(spectra):
    assert CosineGreedy(tolerance=0.01).pair(spectra[0], spectra[0])["score"] == pytest.approx(1.0)


def test_a_query_without_peaks_is_told(tiny_lab):
    with pytest.raises(BadSelect, match="no column mz and no column intensity"):
        tiny_lab.matchms_spectra("SELECT 1 AS precursor_mz")


def test_no_rows_are_no_spectra(tiny_lab):
    assert tiny_lab.matchms_spectra("SELECT mz, intensity FROM spectra WHERE false") == []


def test_a_spectrum_of_matchms_finds_what_its_peaks_find(tiny_lab, library, spectra):
    spectrum = spectra[0]
    mode = spectrum.get("ionmode")
    by_peaks = tiny_lab.search(
        spectrum.peaks.mz, spectrum.peaks.intensities, spectrum.get("precursor_mz"), library=library, ion_mode=mode
    )
    assert by_peaks.num_rows > 0
    assert tiny_lab.search(spectrum, library=library).equals(by_peaks)


@pytest.mark.parametrize(
    ("metadata", "told"),
    [
        ({"ionmode": "positive"}, "no precursor_mz"),
        ({"precursor_mz": 200.1}, "ion mode None"),
        ({"precursor_mz": 200.1, "ionmode": "n/a"}, "ion mode 'n/a'"),
    ],
)
def test_a_spectrum_that_does_not_tell_is_not_guessed_at(tiny_lab, library, metadata, told):
    spectrum = Spectrum(np.array([100.0]), np.array([1.0]), metadata, metadata_harmonization=False)
    with pytest.raises(BadParameter, match=told):
        tiny_lab.search(spectrum, library=library)


def test_what_is_given_goes_before_the_metadata(tiny_lab, library, spectra):
    bare = Spectrum(spectra[0].peaks.mz, spectra[0].peaks.intensities, {})
    told = {"precursor_mz": spectra[0].get("precursor_mz"), "ion_mode": spectra[0].get("ionmode")}
    assert tiny_lab.search(bare, library=library, **told).equals(tiny_lab.search(spectra[0], library=library))


def test_peaks_need_intensity_and_precursor(tiny_lab, library, spectra):
    with pytest.raises(BadParameter, match="need intensity and precursor_mz"):
        tiny_lab.search([100.0], library=library)
    with pytest.raises(BadParameter, match="2 spectra were given where one is searched"):
        tiny_lab.search(spectra[:2], library=library)
    with pytest.raises(BadParameter, match="has its intensities"):
        tiny_lab.search(spectra[0], [1.0], library=library)


def test_lancedb_finds_the_nearest_vectors_of_the_record(tiny_lab, library):
    table = tiny_lab.lance_table("spectra")
    rows = tiny_lab.sql("SELECT spectrum_id, embedding_binned FROM spectra WHERE collection = $1 LIMIT 3", [library]).fetchall()
    for spectrum_id, vector in rows:
        search = table.search(np.array(vector, dtype=np.float32), vector_column_name="embedding_binned")
        found = search.distance_type("cosine").where(f"collection = '{library}'").limit(1).to_list()
        assert found[0]["_distance"] == pytest.approx(0.0, abs=1e-3)
        assert found[0]["spectrum_id"] == spectrum_id


def test_a_table_is_opened_for_reading(tiny_lab):
    table = tiny_lab.lance_table("libraries")
    assert table.count_rows() == 1
    with pytest.raises(Exception, match=r"(?i)checkout|checked out|read|modif"):
        table.delete("true")
    assert tiny_lab.lance_table("libraries").count_rows() == 1


def test_an_unknown_table_is_told_with_those_there_are(tiny_lab):
    with pytest.raises(BadParameter, match=r"no table 'spectrum'; it has: .*spectra"):
        tiny_lab.lance_table("spectrum")
