import json
import shutil

import pytest
from made_spectra import isomer_table, write_arrow

from spectradb.arrays.annotated_spectra import load_training_data
from spectradb.evaluation.queries import search_pairs
from spectradb.evaluation.run import main
from spectradb.evaluation.window_search import ranks_of_truth
from spectradb.similarity.methods import peak_score
from spectradb.training.config import TrainingConfig
from spectradb.training.run import train


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A data file, a checkpoint that saw one laboratory, and another data file."""
    folder = tmp_path_factory.mktemp("run")
    data = write_arrow(isomer_table(n_windows=8), folder / "data.arrow")
    other = write_arrow(isomer_table(n_windows=4, seed=1), folder / "other.arrow")
    settings = {
        "name": "short",
        "split": {"dev_contributors": ["There", "Yonder"], "unseen_share": 0.3},
        "model": {"n_peaks": 16, "width": 16, "n_layers": 1, "n_heads": 2, "n_wavelengths": 8, "dimension": 8},
        "optimisation": {"n_steps": 2, "warmup_steps": 1},
    }
    config = TrainingConfig.from_dict(settings, place="test")
    checkpoint = train(config, load_training_data(data), folder / "run", with_metrics=False)
    return data, checkpoint, other


def evaluated(tmp_path, capsys, *arguments):
    """What is printed, and what is written for programs."""
    main([*map(str, arguments), "--json", str(tmp_path / "e.json")])
    return capsys.readouterr().out, json.loads((tmp_path / "e.json").read_text())


def test_some_contributors_in_the_spectra_of_all_others(run, tmp_path, capsys):
    data, checkpoint, _ = run
    out, written = evaluated(tmp_path, capsys, data, checkpoint, "--queries", "Yonder", "--without", "There", "--members")
    assert out.startswith("all, candidates: any (64 queries of 32 analytes)\n")
    assert "short encoder" in out
    assert "m/z 300.0000 positive, 4 members" in out
    assert list(dict.fromkeys(row["method"] for row in written["rows"])) == [
        *("binned", "binned merged", "short", "short merged", "short hash", "short encoder")
    ]
    counts = {row["subset"]: row["n_queries"] for row in written["rows"] if row["candidates"] == "any"}
    assert counts["seen molecules"] + counts["unseen molecules"] == 64
    assert counts["left out by hash"] == counts["unseen molecules"] > 0
    assert counts["contributor Yonder"] == 64
    assert len(written["members"]) == 6 * 32
    assert written["protocol"]["without"] == ["There"]
    assert len(written["protocol"]["checkpoints"]["short"]) == 64


def test_one_contributor_after_the_other(run, tmp_path, capsys):
    data, _, _ = run
    _, written = evaluated(tmp_path, capsys, data, "--leave-one-out", "--without", "Here", "--high-resolution")
    counts = {row["subset"]: row["n_queries"] for row in written["rows"] if row["candidates"] == "any"}
    assert counts == {
        "all": 128,
        "positive": 128,
        "high resolution": 128,
        "contributor There": 64,
        "contributor Yonder": 64,
    }


def test_scores_of_peaks_stand_beside_vectors(run, tmp_path, capsys):
    arguments = ["--queries", "Here", "--peak-score", "cosine_greedy", "--peak-score", "entropy_similarity"]
    _, written = evaluated(tmp_path, capsys, run[0], *arguments, "--baseline", "cosine_greedy")
    found = {row["method"]: row for row in written["rows"] if (row["subset"], row["candidates"]) == ("all", "any")}
    assert set(found) == {"binned", "binned merged", "cosine_greedy", "entropy_similarity"}
    assert found["entropy_similarity"]["baseline"] == "cosine_greedy"
    data = load_training_data(run[0])
    pairs = search_pairs(data, ["Here"])
    for name in ("cosine_greedy", "entropy_similarity"):
        scores = peak_score(name).scores(data.peaks, data.peaks, pairs.query, pairs.reference).score
        assert found[name]["top_1"] == round((ranks_of_truth(data, pairs, scores) == 1).mean(), 4)


def test_refined_vectors_stand_beside_plain_ones(run, tmp_path, capsys):
    data, checkpoint, _ = run
    _, some = evaluated(tmp_path, capsys, data, checkpoint, "--queries", "Here", "--queries", "There", "--refined")
    found = {row["method"]: row for row in some["rows"] if (row["subset"], row["candidates"]) == ("all", "any")}
    assert list(found)[-4:] == ["binned refined", "binned refined merged", "short refined", "short refined merged"]
    # Yonder alone is the library of some, and each laboratory has two others one by one.
    _, each = evaluated(tmp_path, capsys, data, "--leave-one-out", "--refined")
    of_each = {row["method"]: row for row in each["rows"] if (row["subset"], row["candidates"]) == ("all", "any")}
    assert of_each["binned refined"]["top_1"] > of_each["binned"]["top_1"] + 0.1
    assert of_each["binned refined"]["n_queries"] == 192 > found["binned refined"]["n_queries"] == 128


def test_what_was_seen_is_told_by_the_card_or_the_training_file(run, tmp_path, capsys):
    data, checkpoint, other = run
    _, marked = evaluated(tmp_path, capsys, other, checkpoint, "--queries", "Here")
    assert {"seen spectra", "seen molecules", "unseen molecules"} <= {row["subset"] for row in marked["rows"]}
    old = tmp_path / "old"
    old.mkdir()
    for file in (checkpoint, checkpoint.with_suffix(".json")):
        shutil.copyfile(file, old / file.name)
    card = json.loads((old / "short.json").read_text())
    del card["data"]["analyte_marks"]
    (old / "short.json").write_text(json.dumps(card))
    checkpoint = old / "short.safetensors"
    _, unknown = evaluated(tmp_path, capsys, other, checkpoint, "--queries", "Here")
    assert "seen molecules" not in {row["subset"] for row in unknown["rows"]}
    assert "seen spectra" in {row["subset"] for row in unknown["rows"]}
    _, known = evaluated(tmp_path, capsys, other, checkpoint, "--queries", "Here", "--trained-on", data)
    assert {"seen molecules", "unseen molecules"} <= {row["subset"] for row in known["rows"]}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Error: without --queries every contributor asks"),
        (["--queries", "Nobody"], "Error: no spectrum is from Nobody"),
        (["--queries", "Here", "--without", "There", "--without", "Yonder"], "Error: no query has its analyte"),
        (["--queries", "Here", "--baseline", "cosine"], "Error: the baseline 'cosine' is not among"),
        (["--queries", "Here", "--peak-score", "dot"], "Error: there is no score 'dot'"),
    ],
)
def test_mistakes_are_said_in_one_line(run, arguments, message):
    with pytest.raises(SystemExit, match=message):
        main([str(run[0]), *arguments])


def test_queries_that_were_trained_on_are_told(run, tmp_path, capsys):
    data, checkpoint, _ = run
    own, written = evaluated(tmp_path, capsys, data, checkpoint, "--queries", "Here", "--without", "There")
    counts = {row["subset"]: row["n_queries"] for row in written["rows"] if row["candidates"] == "any"}
    n = written["protocol"]["trained_on_queries"]["short"]
    assert own.splitlines()[-1] == f"note: short was trained on {n} of 64 queries: its figures over all flatter it"
    assert 0 < n == counts["seen spectra"] == counts["seen molecules"] < 64
    foreign, written = evaluated(tmp_path, capsys, data, checkpoint, "--queries", "Yonder", "--without", "There")
    assert "note:" not in foreign
    assert written["protocol"]["trained_on_queries"] == {"short": 0}
