"""Each figure has the artists that its rows call for."""

import pytest
from lxml import etree

from spectradb.figures.canvas import PALETTE, as_svg, canvas
from spectradb.figures.mirror import labelled, mirror_figure
from spectradb.report.figures.candidates import candidates_figure
from spectradb.report.figures.confusion import confusion_figure
from spectradb.report.figures.effects import effects_figure, room_for_names
from spectradb.report.figures.intervals import intervals_figure
from spectradb.report.figures.projection import projection_figure
from spectradb.report.figures.regression import regression_figure
from spectradb.report.figures.reliability import reliability_figure
from spectradb.report.figures.roc import roc_figure
from spectradb.report.figures.scores import scores_figure


def labels(figure):
    axes = figure.axes[0]
    return axes.get_xlabel(), axes.get_ylabel()


def legend(figure):
    legends = figure.legends or [figure.axes[0].get_legend()]
    return [text.get_text() for text in legends[0].get_texts()]


def test_roc():
    figure = roc_figure([{"fpr": 0.0, "tpr": 0.0}, {"fpr": 0.0, "tpr": 0.5}, {"fpr": 1.0, "tpr": 1.0}], 0.75)
    assert labels(figure) == ("false positive rate", "true positive rate")
    assert legend(figure) == ["chance", "first hits, AUC 0.750"]
    assert figure.axes[0].lines[1].get_xydata().tolist() == [[0, 0], [0, 0.5], [1, 1]]


def test_scores_of_right_and_wrong_hits():
    bins = [{"from_score": i / 4, "to_score": (i + 1) / 4, "n_right": i, "n_wrong": 1, "n_unknown": 0} for i in range(4)]
    figure = scores_figure(bins)
    assert labels(figure) == ("score of the first hit", "queries")
    assert legend(figure) == ["right (6)", "wrong (4)"]
    assert [bar.get_height() for bar in figure.axes[0].containers[0]] == [0, 1, 2, 3]
    assert len(figure.axes[0].patches) == 8


def test_candidates():
    rows = [{"candidates": "0", "n_queries": 3, "n_known": 3, "n_right": 0}]
    rows.append({"candidates": "1", "n_queries": 216, "n_known": 216, "n_right": 125})
    rows.append({"candidates": "3-5", "n_queries": 1200, "n_known": 800, "n_right": 600})
    figure = candidates_figure(rows)
    assert [bar.get_width() for bar in figure.axes[0].patches] == [3, 216, 1200]
    # Of those whose analyte is known, whether it is within reach or not: with one candidate it would always be right.
    assert [text.get_text() for text in figure.axes[0].texts] == ["3", "216 · 58% right", "1,200 · 75% of 800 known right"]
    assert labels(figure) == ("queries", "candidate analytes")


def test_reliability():
    row = {"n": 10, "mean_probability": 0.8, "share_right": 0.9, "share_right_low": 0.6, "share_right_high": 0.98}
    figure = reliability_figure([row, row | {"mean_probability": 0.95, "share_right": 1.0, "share_right_high": 1.0}])
    assert labels(figure) == ("mean probability of the bin", "share that is right")
    assert [text.get_text() for text in figure.axes[0].texts] == ["10", "10"]
    (bars,) = figure.axes[0].containers
    low, high = bars.lines[2][0].get_segments()[0][:, 1]
    assert (low, high) == pytest.approx((0.6, 0.98))


def points(*groups):
    row = {"projection": "pca", "level": "run", "explained_x": 0.5, "explained_y": None}
    return [row | {"x": i, "y": -i, "label": label, "number": None} for i, label in enumerate(groups)]


def test_projection_by_classes():
    figure = projection_figure(points("b", "a", "a", None), group="dose")
    assert labels(figure) == ("PCA 1 (50% of the variance)", "PCA 2")
    assert legend(figure) == ["a", "b", "not told"]
    drawn = figure.axes[0].collections
    assert [len(one.get_offsets()) for one in drawn] == [2, 1, 1]
    assert len({one.get_paths()[0].vertices.tobytes() for one in drawn}) == 3


def test_projection_with_more_classes_than_colours():
    figure = projection_figure(points(*"aabcdefghij"), group="g")
    assert legend(figure) == [*"abcdefg", "others"]
    assert len(legend(figure)) == len(PALETTE)
    assert len(figure.axes[0].collections[-1].get_offsets()) == 3


def test_projection_by_a_number_and_by_nothing():
    rows = [row | {"number": float(row["label"])} for row in points(*"01234")]
    figure = projection_figure([*rows, *points(None)], group="dose")
    assert [axes.get_ylabel() for axes in figure.axes] == ["PCA 2", "dose"]
    assert legend(figure) == ["not told"]
    assert legend(projection_figure(points(None, None), group=None)) == ["2 runs"]


def test_projection_keeps_labels_that_matplotlib_would_hide():
    figure = projection_figure(points("_a", "b"), group="g")
    assert [text.removeprefix("\u200b") for text in legend(figure)] == ["_a", "b"]


def test_confusion():
    pairs = [("a", "a", 3.0, 0.75), ("a", "b", 1.0, 0.25), ("b", "b", 2.0, 1.0)]
    figure = confusion_figure([dict(zip(("truth", "predicted", "n", "share"), pair, strict=True)) for pair in pairs])
    assert labels(figure) == ("predicted", "true")
    assert figure.axes[0].images[0].get_array().tolist() == [[0.75, 0.25], [0, 1]]
    assert [text.get_text() for text in figure.axes[0].texts] == ["3\n75%", "1\n25%", "2\n100%"]


def test_confusion_of_many_classes_grows():
    names = [f"{i:02d}" for i in range(27)]
    figure = confusion_figure([{"truth": name, "predicted": name, "n": 1.0, "share": 1.0} for name in names])
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == names
    assert list(figure.axes[0].texts) == []
    assert figure.get_figwidth() > 10


def test_regression():
    figure = regression_figure([{"truth": 1.0, "predicted": 2.0}, {"truth": 3.0, "predicted": 2.5}], target="dose")
    assert labels(figure) == ("true dose", "predicted dose")
    assert legend(figure) == ["equal", "2 held out"]
    assert figure.axes[0].collections[0].get_offsets().tolist() == [[1, 2], [3, 2.5]]


def test_effects():
    rows = [(1, 2.0, 1.0, 0.001), (2, -2.0, -1.0, 0.01), (3, 0.1, 0.1, 0.9), (4, 0.2, 0.1, 0.8)]
    clusters = [dict(zip(("codeword", "log2_fold", "cliffs_delta", "q_value"), row, strict=True)) for row in rows]
    figure = effects_figure(clusters, names={1: "one", 9: "not there"})
    assert legend(figure) == ["commoner in the group (1)", "rarer in the group (1)", "no clear difference (2)"]
    assert figure.axes[0].collections[0].get_offsets().tolist() == [[2.0, pytest.approx(3.0)]]
    assert [text.get_text() for text in figure.axes[0].texts] == ["one"]
    assert labels(figure) == ("log2 fold change of the share of spectra", "-log10 q-value")


def test_names_stand_where_there_is_room():
    assert room_for_names({1: (10.0, 10.0), 2: (8.0, 1.0)}) == {1: -1, 2: -1}
    # The second would lie over the first on its left; between two others it has room on neither side.
    assert room_for_names({1: (10.0, 10.0), 2: (10.01, 10.0)}) == {1: -1, 2: 1}
    assert room_for_names({1: (10.0, 10.0), 2: (10.01, 10.0), 3: (10.02, 10.0)}) == {1: -1, 3: 1}
    assert room_for_names({}) == {}


def peaks(side, *pairs):
    row = {"side": side, "shifted": False}
    return [row | {"mz": mz, "intensity": intensity, "matched": mz == 100.0} for mz, intensity in pairs]


def test_mirror():
    figure = mirror_figure([*peaks("query", (100.0, 1.0), (150.0, 0.5)), *peaks("library", (100.0, 0.25), (200.0, 1.0))])
    axes = figure.axes[0]
    ends = {one.get_label(): [segment[1].tolist() for segment in one.get_segments()] for one in axes.collections}
    assert ends == {
        "query, no match": [[150.0, 0.5]],
        "library, no match": [[200.0, -1.0]],
        "query, matched": [[100.0, 1.0]],
        "library, matched": [[100.0, -0.25]],
    }
    assert [text.get_text() for text in axes.texts] == ["100.0000", "150.0000", "200.0000", "100.0000", "query", "library"]
    assert labels(figure) == ("m/z", "relative intensity (%)")


def test_labels_of_peaks_do_not_lie_over_each_other():
    close = peaks("query", (100.0, 1.0), (101.0, 0.9), (108.0, 0.95), (109.0, 0.4), (300.0, 0.01))
    assert [row["mz"] for row in labelled(close, room=10.0)] == [100.0, 109.0]
    assert len(labelled(peaks("query", *((10.0 * i, 1.0) for i in range(9))), room=1.0)) == 6


def test_intervals():
    rows = [{"method": "a", "value": 0.5, "low": 0.4, "high": 0.6}, {"method": "b", "value": 0.2, "low": None, "high": None}]
    figure = intervals_figure(rows, metric="top 1")
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == ["b", "a"]
    assert figure.axes[0].collections[0].get_segments()[0].tolist() == [[0.4, 1.0], [0.6, 1.0]]
    assert labels(figure)[0] == "top 1"


def test_svg_stands_inside_a_page():
    with canvas() as (figure, axes):
        axes.scatter([1, 2], [1, 2])
        axes.set_xlabel("<b> $x_1$ & more")
    text = as_svg(figure, name="one", label='what "it" shows')
    root = etree.fromstring(text)
    assert (root.tag, root.get("role"), root.get("aria-label"), root.get("width")) == ("svg", "img", 'what "it" shows', None)
    assert "<b> $x_1$ & more" in [node.text for node in root.iter("text")]
    ids = [node.get("id") for node in root.iter() if node.get("id")]
    assert all(name.startswith("one-") for name in ids)
    used = [value[1:] for node in root.iter() for key, value in node.attrib.items() if key == "href"]
    clipped = [node.get("clip-path")[5:-1] for node in root.iter() if node.get("clip-path")]
    assert (len(used) > 0, len(clipped) > 0) == (True, True)
    assert set(used) | set(clipped) <= set(ids)
    assert as_svg(figure, name="one", label='what "it" shows') == text
