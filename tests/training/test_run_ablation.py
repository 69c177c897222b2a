import json

import pytest
import torch
from made_spectra import isomer_table, write_arrow

from spectradb.arrays.annotated_spectra import load_training_data
from spectradb.errors import BadParameter
from spectradb.training import ablation as run_ablation
from spectradb.training.ablation import judge, table_lines, variants
from spectradb.training.config import TrainingConfig, training_config

TINY = """
name = "tried"
[split]
test_contributors = ["There"]
dev_contributors = ["Yonder"]
unseen_share = 0.0
[model]
n_peaks = 16
width = 16
n_layers = 1
n_heads = 2
n_wavelengths = 8
dimension = 8
[sampler]
batch_size = 32
[optimisation]
warmup_steps = 1
"""
CHANGES = """
["as it is"]
["no losses, narrower"]
model = { neutral_losses = false, width = 8 }
"""


@pytest.fixture
def files(tmp_path):
    torch.set_num_threads(1)
    (tmp_path / "tiny.toml").write_text(TINY)
    (tmp_path / "changes.toml").write_text(CHANGES)
    return tmp_path, write_arrow(isomer_table(n_windows=10), tmp_path / "data.arrow")


def test_a_variant_differs_in_what_it_names_and_in_nothing_else():
    recipe = training_config("small")
    made = variants(recipe, {"same": {}, "other": {"seed": 7, "augmentation": {"merged": 0.0}}}, n_steps=60)
    same, other = (config.as_dict() for config in made.values())
    assert same == recipe.as_dict() | {"optimisation": recipe.as_dict()["optimisation"] | {"n_steps": 60, "decay_share": 0.5}}
    assert other == same | {"seed": 7, "augmentation": same["augmentation"] | {"merged": 0.0}}


def test_the_shipped_variants_are_settings_that_exist():
    shipped = run_ablation.shipped_changes()
    made = variants(training_config("small"), shipped, n_steps=10)
    assert next(iter(shipped.values())) == {}
    assert len({json.dumps(config.as_dict(), sort_keys=True) for config in made.values()}) == len(shipped) >= 10


def test_a_setting_that_does_not_exist_is_refused_and_named():
    with pytest.raises(BadParameter, match=r"wrong, \[model\]: no setting is called 'depth'"):
        variants(training_config("small"), {"wrong": {"model": {"depth": 3}}}, n_steps=10)


def test_a_recipe_without_dev_contributors_is_refused():
    with pytest.raises(BadParameter, match="no dev_contributors"):
        variants(TrainingConfig.from_dict({"name": "alone"}, place="test"), {"as it is": {}}, n_steps=10)


def test_each_variant_is_trained_once_and_judged_on_dev_contributors(files, capsys):
    folder, data = files
    arguments = [str(folder / "tiny.toml"), str(data), str(folder / "runs"), "--changes", str(folder / "changes.toml")]
    run_ablation.main([*arguments, "--steps", "3", "--threads", "1"])
    printed = capsys.readouterr().out
    results = json.loads((folder / "runs" / "ablation.json").read_text())
    assert list(results) == ["as it is", "no losses, narrower"]
    # Yonder's 10 windows of 4 isomers, 2 spectra of each.
    assert {result["n_queries"] for result in results.values()} == {80}
    weights = sorted((folder / "runs").glob("*/tried.safetensors"))
    assert [file.parent.name for file in weights] == ["as_it_is", "no_losses_narrower"]
    written = [file.stat().st_mtime_ns for file in weights]
    run_ablation.main([*arguments, "--steps", "3", "--threads", "1"])
    assert [file.stat().st_mtime_ns for file in weights] == written
    assert capsys.readouterr().out == printed
    assert f"{table_lines(results)[-1]}\n" in printed


def test_its_figures_are_those_of_the_card(files):
    folder, data = files
    config = variants(training_config(folder / "tiny.toml"), {"as it is": {}}, n_steps=2)["as it is"]
    result = judge(config, load_training_data(data), folder / "run", device="cpu", threads=1)
    card = json.loads((folder / "run" / "tried.json").read_text())
    rows = {
        row["method"]: row
        for row in card["metrics"]["dev_contributors"]["rows"]
        if (row["subset"], row["candidates"]) == ("all", "2 or more")
    }
    assert result["binned"]["top_1"] == rows["binned"]["top_1"]
    assert result["encoder"]["auc_in_reach"] == rows["tried encoder"]["auc_in_reach"]
    assert (
        result["fused"]["difference"]
        == rows["tried"]["difference"]
        == pytest.approx(rows["tried"]["top_1"] - rows["binned"]["top_1"])
    )


def test_a_table_row_states_accuracies_in_percent_and_the_interval_in_points():
    part = {
        "top_1": 0.654,
        "top_1_per_analyte": 0.6,
        "auc_in_reach": 0.69,
        "difference": None,
        "difference_low": None,
        "difference_high": None,
    }
    fused = part | {"top_1": 0.8, "auc_in_reach": 0.64, "difference": -0.01, "difference_low": -0.03, "difference_high": 0.006}
    lines = table_lines({"a": {"n_queries": 1234, "binned": part | {"top_1": 0.81}, "encoder": part, "fused": fused}})
    assert lines[2] == "| a | 65.4 | 0.690 | 80.0 | 0.640 | -1.0 [-3.0, +0.6] |"
    assert lines[4] == "binned: 81.0 %, AUC in reach 0.690; 1,234 queries"
