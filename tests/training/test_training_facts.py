"""What is counted of a model's training data, and what is read off model cards."""

import numpy as np
import pyarrow as pa
import pytest
from made_spectra import isomer_table, write_arrow

from spectradb.arrays.annotated_spectra import COLUMNS, is_unseen, load_training_data
from spectradb.models.seen_in_training import (
    analyte_mark,
    analyte_marks,
    contributors_on_card,
    licence_on_card,
    marks_on_card,
    stays_in_house,
)
from spectradb.training.runs.training_facts import limits, training_facts


def spectra(tmp_path, *rows):
    """Spectra with what the rows say, and two peaks each."""
    plain = dict.fromkeys(COLUMNS) | {
        "mz": [50.0, 60.0],
        "intensity": [1.0, 2.0],
        "precursor_mz": 100.0,
        "ion_mode": "positive",
        "analyte_id": "AAAAAAAAAAAAAA",
        "peaks_hash": 1,
    }
    table = pa.Table.from_pylist([{**plain, "spectrum_id": i, **row} for i, row in enumerate(rows)], schema=pa.schema(COLUMNS))
    return load_training_data(write_arrow(table, tmp_path / "d.arrow"))


def test_facts_are_counts(tmp_path):
    data = spectra(
        tmp_path,
        {"adduct": "[M+H]+", "instrument_type": "LC-ESI-QTOF", "collision_energy_ev": 10.0},
        {"adduct": "[M+H]+", "instrument_type": "LC-ESI-QTOF", "collision_energy_ev": 30.0, "collision_energy_nce": 20.0},
        {"adduct": "[M+Na]+", "collision_energy_nce": 45.0, "precursor_mz": 300.0},
        {"ion_mode": "negative", "adduct": "[M-H]-", "precursor_mz": 200.0, "mz": [50.0], "intensity": [1.0]},
    )
    facts = training_facts(data)
    assert facts == {
        "ion_modes": {"positive": 3, "negative": 1},
        "instrument_types": {"": 2, "LC-ESI-QTOF": 2},
        "adducts": {"[M+H]+": 2, "[M+Na]+": 1, "[M-H]-": 1},
        "precursor_mz": {"lowest": 100.0, "low": 100.0, "median": 150.0, "high": 285.0, "highest": 300.0},
        "peaks": {"lowest": 1.0, "low": 1.15, "median": 2.0, "high": 2.0, "highest": 2.0},
        "collision_energies": {
            "not_stated": 1,
            "eV": {"spectra": 2, "lowest": 10.0, "median": 20.0, "highest": 30.0},
            "percent": {"spectra": 1, "lowest": 45.0, "median": 45.0, "highest": 45.0},
        },
    }
    assert limits(facts) == (
        "trained on spectra of positive mode (3) and negative mode (1); precursor m/z 100.0000 to 300.0000 (90 % between 100 "
        "and 285); adducts: [M+H]+ (2), [M+Na]+ (1), [M-H]- (1); instrument types: not stated (2), LC-ESI-QTOF (2); collision "
        "energies: 10 to 30 eV (2 spectra, median 20), 45 to 45 percent (1 spectra, median 45), not stated (1)"
    )


def test_a_text_names_the_most_frequent_kinds(tmp_path):
    kinds = [f"[M+{i}H]+" for i in range(1, 11)]
    text = limits(training_facts(spectra(tmp_path, *({"adduct": kind} for kind in [*kinds, kinds[9]]))))
    assert "adducts: [M+10H]+ (2), [M+1H]+ (1), " in text
    assert ", 2 more kinds (2); instrument types: not stated (11)" in text


def test_a_file_without_adducts_is_read(tmp_path):
    data = load_training_data(write_arrow(isomer_table(n_windows=1).drop_columns(["adduct"]), tmp_path / "d.arrow"))
    assert set(data.adduct) == {""}
    assert data.take(np.array([3, 1])).adduct.tolist() == ["", ""]


def test_a_mark_is_the_same_for_the_forms_of_a_molecule():
    # printf RYYVLZVUVIJVGH | sha256sum
    assert analyte_mark("RYYVLZVUVIJVGH") == "e284d89b"
    assert analyte_mark("RYYVLZVUVIJVGH-ABCDEF") == analyte_mark("RYYVLZVUVIJVGH")
    assert analyte_marks(["B", "A", "B-1"]) == " ".join(sorted([analyte_mark("A"), analyte_mark("B")]))
    for share in (0.1, 0.5, 0.9):
        assert is_unseen("RYYVLZVUVIJVGH-ABCDEF", share) == is_unseen("RYYVLZVUVIJVGH", share)


SPLIT = {"training": {"split": {"licenses": ["CC0"]}}, "data": {"licenses": {"CC0": 3}}}


@pytest.mark.parametrize(
    ("card", "licence", "in_house"),
    [
        ({}, None, False),
        ({"licence": "MIT", **SPLIT}, "MIT", False),
        (SPLIT, "trained on spectra of CC0 3; training took no other licences", False),
        (
            {"training": {"split": {}}, "data": {"licenses": {"": 1, "CC BY": 2}}},
            "in house only, as no licence was asked for: trained on spectra of CC BY 2, no stated licence 1",
            True,
        ),
        ({"training": "elsewhere", "data": None}, None, False),
    ],
)
def test_what_a_card_says_of_passing_it_on(card, licence, in_house):
    assert (licence_on_card(card), stays_in_house(card)) == (licence, in_house)


def test_what_a_card_says_it_was_trained_on():
    card = {"data": {"contributors": {"Here": {"spectra": 1, "analytes": 1}}, "analyte_marks": "01234567 89abcdef"}}
    assert contributors_on_card(card) == {"Here"}
    assert marks_on_card(card) == {"01234567", "89abcdef"}
    assert contributors_on_card({"data": {}}) is None
    assert marks_on_card({"training_data": "MoNA"}) is None
