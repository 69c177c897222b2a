"""An ion mobility counts with its kind: drift time, 1/K0 or a voltage; where that is not told nothing is guessed."""

import pytest

from spectradb.ingest.fields.fieldnames import plain_name, raw_record
from spectradb.ingest.fields.ion_mobility import (
    DRIFT_TIME,
    FAIMS_VOLTAGE,
    INVERSE_REDUCED,
    SELEXION_VOLTAGE,
    Mobility,
    mobility_type,
    of_terms,
)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        *(
            (text, INVERSE_REDUCED)
            for text in ("inverse reduced ion mobility", "1/K0", "V s/cm2", "Vs/cm^2", "V·s/cm²", "TIMS")
        ),
        *((text, DRIFT_TIME) for text in ("ion mobility drift time", "Drift_Time", "ms", "millisecond", "DTIMS")),
        *((text, FAIMS_VOLTAGE) for text in ("FAIMS compensation voltage", "FAIMS", "compensation voltage", "FAIMS CV")),
        *((text, SELEXION_VOLTAGE) for text in ("SELEXION compensation voltage", "selexion")),
        *((text, None) for text in (None, "", "n/a", "0.75", "seconds", "V", "ion mobility")),
    ],
)
def test_kinds_and_their_spellings(text, kind):
    assert mobility_type(text) == kind


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"DRIFTTIME": "12.5"}, (12.5, DRIFT_TIME)),
        ({"1/K0": "0.75"}, (0.75, INVERSE_REDUCED)),
        ({"FAIMS_compensation_voltage": "-45"}, (-45.0, FAIMS_VOLTAGE)),
        ({"ION_MOBILITY": "0.75"}, (0.75, None)),
        ({"MOBILITY": "0.75", "MOBILITY_UNIT": "Vs/cm2"}, (0.75, "Vs/cm2")),
        ({"ION_MOBILITY": "0.75", "DRIFT_TIME": "none"}, (0.75, None)),
    ],
)
def test_names_of_fields_tell_the_kind_or_do_not(fields, told):
    record = raw_record({plain_name(name): text for name, text in fields.items()}, bare_time=None, name_ends_in_adduct=False)
    assert (record["ion_mobility"], record.get("ion_mobility_type")) == told


def test_drift_times_are_in_milliseconds_and_units_that_are_none_of_time_are_not_guessed():
    def read(terms, unit=""):
        return of_terms(terms, lambda kind: unit)

    assert read({DRIFT_TIME: 0.0125}, "second") == Mobility(12.5, DRIFT_TIME)
    assert read({DRIFT_TIME: 12.5}, "millisecond") == read({DRIFT_TIME: 12.5}) == Mobility(12.5, DRIFT_TIME)
    assert read({DRIFT_TIME: 12.5}, "volt") == Mobility(12.5, None)
    assert read({FAIMS_VOLTAGE: -45, DRIFT_TIME: "no number"}) == Mobility(-45.0, FAIMS_VOLTAGE)
    assert read({"ion mobility": 1.0}) == Mobility()
