"""The JSON file of an exported model."""

import json

import pytest

from spectradb.embedders.exported.settings import ModelInput, read_settings, settings_from_json
from spectradb.errors import BadModel

LEAST = {
    "format": "spectradb-exported-1",
    "dimension": 8,
    "n_peaks": 5,
    "inputs": [{"name": "spectrum", "holds": "peaks"}],
}


def test_what_is_left_out_has_its_default():
    settings = settings_from_json(LEAST, place="x.json")
    assert settings.inputs == (
        ModelInput(name="spectrum", holds="peaks", dtype="float32", shape=("spectrum", "token", "channel")),
    )
    assert settings.preprocessing == {
        "dimension": 8,
        "inputs": [{"name": "spectrum", "holds": "peaks", "dtype": "float32", "shape": ["spectrum", "token", "channel"]}],
        "output": None,
        "n_peaks": 5,
        "min_relative_intensity": 0.0,
        "peak_order": "mz",
        "intensity_transform": "none",
        "intensity_norm": "none",
        "mz_scale": 1.0,
        "precursor_token": None,
        "padding": "fixed",
        "l2_normalise": True,
    }
    assert settings.max_batch == 256
    assert settings.ion_modes == ("positive", "negative")


def test_what_tells_about_a_model_is_no_preprocessing():
    told = {**LEAST, "max_batch": 1, "ion_modes": ["positive"], "training_data": ["NIST"], "licence": "MIT", "notes": "x"}
    assert settings_from_json(told, place="x.json").preprocessing == settings_from_json(LEAST, place="x.json").preprocessing


def test_whether_the_precursor_is_read():
    def reads(**changes):
        return settings_from_json({**LEAST, **changes}, place="x.json").reads_precursor

    assert not reads()
    assert reads(precursor_token=1)
    assert reads(inputs=[{"name": "p", "holds": "precursor_mz"}])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": "other"}, '"format" must be "spectradb-exported-1"'),
        ({"n_peak": 3}, r"unknown keys \['n_peak'\]"),
        ({"dimension": 0}, "dimension must be a whole number above 0"),
        ({"dimension": True}, "dimension must be"),
        ({"n_peaks": None}, 'n_peaks must be given where padding is "fixed"'),
        ({"n_peaks": 1.5}, "n_peaks must be"),
        ({"min_relative_intensity": 2}, "min_relative_intensity must be a number from 0 to 1"),
        ({"peak_order": "random"}, "peak_order must be one of mz, intensity"),
        ({"intensity_transform": ["sqrt"]}, "intensity_transform must be one of"),
        ({"intensity_norm": "l2"}, "intensity_norm must be one of none, max, sum, unit"),
        ({"mz_scale": 0}, "mz_scale must be a number above 0"),
        ({"mz_scale": float("inf")}, "mz_scale must be"),
        ({"precursor_token": "first"}, "precursor_token must be a number, or null"),
        ({"padding": "none"}, "padding must be one of fixed, batch"),
        ({"l2_normalise": 1}, "l2_normalise must be true or false"),
        ({"output": -1}, "output must be"),
        ({"max_batch": 0}, "max_batch must be"),
        ({"ion_modes": []}, "ion_modes must be"),
        ({"ion_modes": ["both"]}, "ion_modes must be"),
        ({"licence": 3}, "licence must be text"),
        ({"inputs": []}, "inputs must be a list with at least one"),
        ({"inputs": ["peaks"]}, r"inputs\[0\]: input must be an object"),
        ({"inputs": [{"name": "x", "holds": "peaks", "type": 1}]}, r"keys \['type'\] must be left out"),
        ({"inputs": [{"holds": "peaks"}]}, "name must be text"),
        ({"inputs": [{"name": "x", "holds": "retention_time"}]}, "holds must be one of peaks, mz"),
        ({"inputs": [{"name": "x", "holds": ["peaks"]}]}, "holds must be one of"),
        ({"inputs": [{"name": "x", "holds": "peaks", "dtype": "float8"}]}, "dtype must be one of"),
        ({"inputs": [{"name": "x", "holds": "mz", "shape": ["spectrum"]}]}, "shape must be a list of the axes spectrum, token"),
        ({"inputs": [{"name": "x", "holds": "mz", "shape": ["spectrum", "token", 2]}]}, "shape must be"),
        ({"inputs": [{"name": "x", "holds": "mz", "shape": ["spectrum", "token", True]}]}, "shape must be"),
        ({"inputs": [{"name": "x", "holds": "mz"}, {"name": "x", "holds": "mask"}]}, "named differently"),
    ],
)
def test_every_key_is_checked_and_named(changes, message):
    with pytest.raises(BadModel, match=message) as caught:
        settings_from_json({**LEAST, **changes}, place="folder/x.json")
    assert str(caught.value).startswith("folder/x.json")


def test_files_that_are_missing_or_no_json_say_so(tmp_path):
    file = tmp_path / "x.json"
    with pytest.raises(BadModel, match=r"x\.json: no such file"):
        read_settings(file)
    for content in ("{", "[1]", "[" * 100_000):
        file.write_text(content)
        with pytest.raises(BadModel, match=r"x\.json"):
            read_settings(file)
    file.write_text(json.dumps(LEAST))
    assert read_settings(file).dimension == 8
