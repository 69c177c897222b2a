"""Peaks as rows, and the macros that ask for fragments, losses and differences, over hand-made spectra."""

import pytest
from table_rows import put, whole_lab

from spectradb import schemas


@pytest.fixture(scope="module")
def con():
    con = whole_lab()
    names = ("spectrum_id", "collection", "native_id", "precursor_mz", "precursor_mz_stated", "mz", "intensity", "tic")
    spectra = [
        # a library spectrum whose source states another precursor
        (1, "lib", "A", 200.0, 250.0, [82.0, 100.0, 182.0], [10.0, 5.0, 2.5], 20.0),
        (2, "st", "7", 186.0, 186.0, [82.003, 82.004, 86.0], [10.0, 5.0, 2.5], 17.5),
        (3, "st", "8", 150.0, 150.0, [], [], 0.0),
        (4, "st", "9", 200.002, 200.002, [82.0, 100.0], [1.0, 100.0], 101.0),
    ]
    put(con, "spectra", *(dict(zip(names, row, strict=True)) for row in spectra))
    con.execute(schemas.read("tables/spectra/peak_spectra.fill"))
    con.execute(schemas.read("tables/spectra/peak_index.fill"))
    con.execute(schemas.read("tables/spectra/loss_index.fill"))
    yield con
    con.close()


def found(con, query):
    """The rows of a query, numbers as they are printed to six decimals."""
    rows = con.execute(query).fetchall()
    return [tuple(round(value, 6) if isinstance(value, float) else value for value in row) for row in rows]


def number(con, spectrum_id):
    """How the index of peaks numbers a spectrum."""
    return con.execute("SELECT spectrum_number FROM peak_spectra WHERE spectrum_id = $1", [spectrum_id]).fetchone()[0]


@pytest.mark.covers("views/spectra/peaks")
def test_peaks_are_rows_with_their_share_of_the_base_peak_and_their_loss(con):
    assert found(con, "FROM peaks WHERE mz > 82 ORDER BY ALL") == [
        (1, "lib", 200.0, 100.0, 5.0, 0.5, 0.25, 100.0),
        (1, "lib", 200.0, 182.0, 2.5, 0.25, 0.125, 18.0),
        (2, "st", 186.0, 82.003, 10.0, 1.0, 0.571429, 103.997),
        (2, "st", 186.0, 82.004, 5.0, 0.5, 0.285714, 103.996),
        (2, "st", 186.0, 86.0, 2.5, 0.25, 0.142857, 100.0),
        (4, "st", 200.002, 100.0, 100.0, 1.0, 0.990099, 100.002),
    ]


@pytest.mark.covers("views/spectra/peaks_by_spectrum")
def test_peaks_by_spectrum_are_the_same_rows(con):
    assert len(found(con, "FROM peaks")) == 8
    assert found(con, "FROM peaks_by_spectrum ORDER BY ALL") == found(con, "FROM peaks ORDER BY ALL")


@pytest.mark.covers("macros/massql/massql_peaks_near")
def test_massql_peaks_near_are_nearer_than_the_tolerance(con):
    places = (
        "WITH places(spectrum_id, x, centre, tolerance) AS (VALUES {}) FROM massql_peaks_near('places', 'places') ORDER BY ALL"
    )
    # the second place is looked at in two bins, and its tolerance is no part of it
    assert found(con, places.format("(1, 7.0, 82.3, 0.5), (2, 8.0, 82.0035, 0.0005), (2, 9.0, 500.0, 1.0)")) == [
        (1, 7.0, 82.0, 10.0, 1.0, 0.5, 118.0),
    ]
    assert found(con, places.format("(2, 8.0, 82.0, 4.5)"))[-1] == (2, 8.0, 86.0, 2.5, 0.25, 0.142857, 100.0)


@pytest.mark.covers("macros/massql/massql_scan")
def test_massql_scan_is_a_whole_number(con):
    ids = "(VALUES ('17'), ('controllerType=0 controllerNumber=1 scan=18'), ('MSBNK-1'), ('1.5'), (NULL)) AS ids(native_id)"
    assert found(con, f"SELECT massql_scan(native_id) FROM {ids}") == [(17,), (18,), (None,), (None,), (None,)]


@pytest.mark.covers("macros/massql/massql_with_fragment")
def test_massql_with_fragment_names_each_spectrum_once(con):
    assert found(con, "FROM massql_with_fragment(82.0, 82.01)") == [(number(con, 2),)]
    assert found(con, "SELECT count(*) FROM massql_with_fragment(81.9, 82.01)") == [(3,)]
    assert found(con, "FROM massql_with_fragment(500, 501)") == []


@pytest.mark.covers("macros/massql/massql_fragments")
def test_massql_fragments_are_the_peaks_between_two_mz(con):
    assert found(con, "FROM massql_fragments(82.003, 100) ORDER BY ALL") == [
        (number(con, 2), 82.004, 5.0, 0.5, 0.285714),
        (number(con, 2), 86.0, 2.5, 0.25, 0.142857),
    ]


@pytest.mark.covers("macros/fragments/loss_step")
def test_loss_step_rounds_down(con):
    assert found(con, "SELECT loss_step(18), loss_step(18.000019), loss_step(-0.000001)") == [(1_800_000, 1_800_001, -1)]


@pytest.mark.covers("macros/massql/massql_with_loss")
def test_massql_with_loss_has_open_and_exact_bounds(con):
    first, second, fourth = (number(con, spectrum_id) for spectrum_id in (1, 2, 4))
    assert found(con, "FROM massql_with_loss(99.999, 100.003) ORDER BY ALL") == sorted([(first,), (second,), (fourth,)])
    # 100 of two spectra is a bound; 100.002 is within a step of the other
    assert found(con, "FROM massql_with_loss(100, 100.002003)") == [(fourth,)]
    assert found(con, "FROM massql_with_loss(100.002004, 100.002006)") == []
    assert found(con, "FROM massql_with_loss(99.999999, 100.000001) ORDER BY ALL") == sorted([(first,), (second,)])


@pytest.mark.covers("macros/massql/massql_losses")
def test_massql_losses_are_the_peaks_between_two_losses(con):
    assert found(con, "FROM massql_losses(100, 103.9965) ORDER BY ALL") == sorted(
        [
            (number(con, 2), 82.004, 5.0, 0.5, 0.285714, 103.996),
            (number(con, 4), 100.0, 100.0, 1.0, 0.990099, 100.002),
        ]
    )


@pytest.mark.covers("macros/massql/massql_scaninfo")
def test_massql_scaninfo_tells_about_whole_spectra(con):
    given = "WITH found AS (SELECT spectra.*, [3.5] AS x FROM spectra WHERE spectrum_id = 1)"
    columns = "native_id, spectrum_id, collection, precursor_mz, intensity_sum, intensity_max, relative_intensity_max, x"
    assert found(con, f"{given} SELECT {columns} FROM massql_scaninfo('found')") == [
        ("A", 1, "lib", 200.0, 20.0, 10.0, 1.0, [3.5]),
    ]


@pytest.mark.covers("macros/massql/massql_peakinfo")
def test_massql_peakinfo_counts_the_peaks_that_it_is_given(con):
    given = "WITH found(spectrum_id, mz, intensity, x) AS (VALUES (1, [100.0, 182.0], [5.0, 2.5]::FLOAT[], [3.5]))"
    assert found(con, f"{given} FROM massql_peakinfo('found')") == [
        ("A", 1, "lib", None, 200.0, None, "", None, 2, 7.5, 5.0, 0.5, [100.0, 182.0], [5.0, 2.5], [3.5]),
    ]


@pytest.mark.covers("macros/fragments/fragment_search")
def test_fragment_search_has_a_row_for_each_peak_within_the_tolerance(con):
    asked = "SELECT collection, native_id, precursor_mz, mz, intensity, relative_intensity, ppm_error FROM fragment_search"
    assert found(con, f"{asked}(82.0015, ppm := 30) ORDER BY ALL") == [
        ("lib", "A", 200.0, 82.0, 10.0, 1.0, -18.292348),
        ("st", "7", 186.0, 82.003, 10.0, 1.0, 18.292348),
        ("st", "9", 200.002, 82.0, 1.0, 0.01, -18.292348),
    ]
    assert found(con, "SELECT native_id FROM fragment_search(82, ppm := 50, min_relative_intensity := 0.5) ORDER BY ALL") == [
        ("7",),
        ("7",),
        ("A",),
    ]
    assert found(con, "FROM fragment_search(82.002)") == []


@pytest.mark.covers("macros/fragments/neutral_loss_search")
def test_neutral_loss_search_takes_the_tolerance_from_the_precursor(con):
    asked = "SELECT native_id, mz, relative_intensity, loss, ppm_error FROM neutral_loss_search"
    assert found(con, f"{asked}(100) ORDER BY ALL") == [
        ("7", 86.0, 0.25, 100.0, 0.0),
        ("9", 100.0, 1.0, 100.002, 9.9999),
        ("A", 100.0, 0.5, 100.0, 0.0),
    ]
    assert found(con, f"{asked}(100.001, ppm := 5.2, min_relative_intensity := 0.5) ORDER BY ALL") == [
        ("9", 100.0, 1.0, 100.002, 4.99995),
        ("A", 100.0, 0.5, 100.0, -5.0),
    ]


@pytest.mark.covers("macros/fragments/mz_difference")
def test_mz_difference_pairs_peaks_of_one_spectrum(con):
    asked = "SELECT native_id, mz, heavier_mz, intensity, heavier_intensity, ppm_error FROM mz_difference"
    assert found(con, f"{asked}(18, ppm := 20) ORDER BY ALL") == [
        ("9", 82.0, 100.0, 1.0, 100.0, 0.0),
        ("A", 82.0, 100.0, 10.0, 5.0, 0.0),
    ]
    assert found(con, f"{asked}(18, ppm := 20, min_relative_intensity := 0.1)") == [("A", 82.0, 100.0, 10.0, 5.0, 0.0)]
    assert found(con, f"{asked}(3.9965, ppm := 10) ORDER BY ALL") == [
        ("7", 82.003, 86.0, 10.0, 2.5, 5.813953),
        ("7", 82.004, 86.0, 5.0, 2.5, -5.813953),
    ]


@pytest.mark.covers("macros/fragments/matching_peaks")
def test_matching_peaks_are_nearest_to_each_other_in_mz_or_in_loss(con):
    # 82.003 is nearer to 82.0 than 82.004 is; 86 and 100 are the same loss of the two precursors
    assert found(con, "FROM matching_peaks(2, 1)") == [
        (82.003, 82.0, 1.0, 1.0, 0.003, False),
        (86.0, 100.0, 0.25, 0.5, -14.0, True),
    ]
    assert found(con, "FROM matching_peaks(2, 1, fragment_tolerance_da := 0.002)") == [(86.0, 100.0, 0.25, 0.5, -14.0, True)]
    pairs = "SELECT b, shared.query_mz FROM (VALUES (2, 1), (2, 4), (3, 1)) AS pairs(a, b), matching_peaks(a, b) AS shared"
    assert found(con, f"{pairs} ORDER BY ALL") == [(1, 82.003), (1, 86.0), (4, 82.003), (4, 86.0)]


def test_matching_peaks_takes_a_query_at_its_stated_precursor(con):
    # as a query spectrum 1 has m/z 250: its loss of 68 is no loss of the other
    assert found(con, "SELECT query_mz, library_mz, shifted FROM matching_peaks(1, 2)") == [(82.0, 82.003, False)]
