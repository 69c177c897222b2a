"""Networks made by the compiled kernels: the same as SQL makes, as matchms makes, and readable by others."""

import csv

import networkx as nx
import numpy as np
import pyarrow as pa
import pytest
from matchms import Spectrum, calculate_scores
from matchms.networking import SimilarityNetwork
from matchms.similarity import ModifiedCosineGreedy

from spectradb.arrays.peak_batch import PeakBatch
from spectradb.errors import BadParameter, NoCollection, NoModel, NoSearch
from spectradb.networks.alike_peaks import link_by_peaks
from spectradb.networks.families import families
from spectradb.networks.graph_files import write_graph
from spectradb.networks.links import LinkCollector, Links, shared_peaks
from spectradb.similarity.cosine import CosineGreedy, ModifiedCosine

LOOSE = {"min_score": 0.1, "min_matched_peaks": 1}


def made_up(n=60, n_negative=20, seed=3):
    """Spectra whose fragments are of a few kinds, some shifted with their precursors; by ion mode, then precursor."""
    random = np.random.default_rng(seed)
    kinds = [np.sort(random.uniform(60, 400, 12)) for _ in range(5)]
    precursor = np.concatenate(
        [np.sort(random.choice([420.0, 434.0157, 450.01, 596.07], m)) for m in (n_negative, n - n_negative)]
    )
    rows = []
    for mz in precursor:
        peaks = kinds[random.integers(5)][random.random(12) < 0.8] + random.normal(0, 0.003, 1)
        moved = np.where(random.random(len(peaks)) < 0.3, peaks + mz - 420.0, peaks)
        rows.append(np.sort(moved))
    lengths = [len(row) for row in rows]
    return PeakBatch(
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        mz=np.concatenate(rows),
        intensity=random.uniform(1, 100, sum(lengths)).astype(np.float32),
        precursor_mz=precursor,
        ion_mode=np.repeat([-1, 1], [n_negative, n - n_negative]).astype(np.int8),
    )


def pairs_of(links):
    return {(int(i), int(j)): (round(float(s), 5), int(m)) for i, j, s, m in zip(*links, strict=True)}


@pytest.mark.parametrize("score", [CosineGreedy(tolerance_da=0.01), ModifiedCosine(tolerance_da=0.01)])
@pytest.mark.parametrize("min_matched_peaks", [0, 4])
def test_peaks_link_all_pairs_that_score(score, min_matched_peaks):
    spectra = made_up()
    collector = LinkCollector(np.arange(60), 100, min_matched_peaks)
    link_by_peaks(spectra, 20, score, collector, min_score=0.3, max_mz_difference=100.0)
    i, j = np.triu_indices(60, 1)
    same_mode = spectra.ion_mode[i] == spectra.ion_mode[j]
    near = spectra.precursor_mz[j] - spectra.precursor_mz[i] <= 100
    i, j = i[same_mode & near], j[same_mode & near]
    found = score.scores(spectra, spectra, i, j)
    kept = (found.score >= 0.3) & (found.matches >= min_matched_peaks)
    expected = pairs_of((i[kept], j[kept], found.score[kept], found.matches[kept]))
    assert len(expected) > 70
    assert pairs_of(collector.kept()) == expected


def test_a_network_by_modified_cosine_is_that_of_matchms():
    spectra = made_up(n=50, n_negative=0)
    collector = LinkCollector(np.arange(50), 6, 0)
    score = ModifiedCosine(tolerance_da=0.01, intensity_power=1.0)
    link_by_peaks(spectra, 0, score, collector, min_score=0.4, max_mz_difference=np.inf)
    cuts = spectra.offsets[1:-1]
    peaks = zip(np.split(spectra.mz, cuts), np.split(spectra.intensity, cuts), spectra.precursor_mz, strict=True)
    theirs = [
        Spectrum(mz, intensity.astype(float), metadata={"precursor_mz": float(precursor), "spectrum_id": str(i)})
        for i, (mz, intensity, precursor) in enumerate(peaks)
    ]
    scores = calculate_scores(theirs, theirs, ModifiedCosineGreedy(tolerance=0.01), is_symmetric=True)
    peer = SimilarityNetwork("spectrum_id", top_n=6, max_links=6, score_cutoff=0.4, link_method="mutual")
    peer.create_network(scores, score_name="ModifiedCosineGreedy_score")
    expected = {tuple(sorted((int(a), int(b)))): round(w, 5) for a, b, w in peer.graph.edges(data="weight")}
    assert len(expected) > 30
    assert {pair: found[0] for pair, found in pairs_of(collector.kept()).items()} == expected


def test_shared_peaks_are_counted_as_sql_counts_them(tiny_lab):
    # The pairs of the SQL macro's own test.
    spectra = PeakBatch(
        offsets=np.array([0, 4, 8, 12]),
        mz=np.array([100, 150, 200, 300, 100, 150.004, 214.01565, 314.01565, 100, 150, 150.008, 300.0]),
        intensity=np.ones(12, np.float32),
        precursor_mz=np.array([300, 314.01565, 462.052824]),
        ion_mode=np.ones(3, np.int8),
    )
    pairs = np.array([0, 0, 1]), np.array([1, 2, 2])
    assert shared_peaks(spectra, *pairs, tolerance_da=0.01).tolist() == [4, 3, 2]
    assert shared_peaks(spectra, *pairs, tolerance_da=0.001).tolist() == [3, 3, 1]


def test_links_that_are_let_go_of_early_are_none_that_stay(monkeypatch):
    random = np.random.default_rng(1)
    i, j = (column[random.permutation(435)] for column in np.triu_indices(30, 1))
    links = Links(i, j, random.integers(1, 6, 435).astype(np.float32) / 5, random.integers(1, 9, 435).astype(np.int32))

    def kept():
        collector = LinkCollector(np.arange(30)[::-1], 4, 3)
        for start in range(0, 435, 50):
            collector.add(links.where((np.arange(435) // 50) == start // 50))
        return pairs_of(collector.kept())

    at_once = kept()
    monkeypatch.setattr("spectradb.networks.links._MOST_HELD", 60)
    assert kept() == at_once
    assert 20 < len(at_once) < 100


@pytest.mark.parametrize("max_size", [2, 5, 40])
def test_families_are_those_of_sql(tiny_lab, max_size):
    random = np.random.default_rng(7)
    i, j = np.triu_indices(40, 1)
    chosen = random.permutation(len(i))[:60]
    links = Links(i[chosen], j[chosen], random.uniform(0.7, 1, 60).astype(np.float32), np.full(60, 6, np.int32))
    ids = random.permutation(2**62 - np.arange(40))
    rows = ", ".join(f"({ids[a]}, {ids[b]}, {s:.9g}::FLOAT)" for a, b, s, _ in zip(*links, strict=True))
    statement = (
        f"WITH made (spectrum_id_a, spectrum_id_b, score) AS (VALUES {rows}) FROM network_families('made', max_size := $1)"
    )
    expected = sorted(tiny_lab.sql(statement, [max_size]).fetchall())
    assert sorted(tuple(row.values()) for row in families(links, ids, max_size=max_size).to_pylist()) == expected
    assert max(row[2] for row in expected) <= max_size


def test_the_verb_links_what_sql_links(tiny_lab):
    made = tiny_lab.network("reference", **LOOSE)
    asked = "FROM network('reference', min_score := 0.1, min_matched_peaks := 1)"
    expected = tiny_lab.sql(asked).fetchall()
    found = [tuple(row.values()) for row in made.edges.to_pylist()]
    assert [row[:2] for row in sorted(found)] == [row[:2] for row in sorted(expected)]
    assert [row[3:] for row in sorted(found)] == [row[3:] for row in sorted(expected)]
    assert [row[2] for row in sorted(found)] == pytest.approx([row[2] for row in sorted(expected)], abs=1e-6)
    assert made.lines()[:3] == [
        f"network of reference by binned: 6 edges between 6 of 9 spectra compared, in {made.seconds:.1f} s",
        "  families of two and more: 2; the largest has 3 spectra",
        "  spectra known: 6; candidates by a known neighbour: 0",
    ]
    told = made.as_dict()
    assert (told["edges"], told["families"], told["largest_families"][0]["name"]) == (6, 2, "Caffeine")


def test_small_families_leave_out_the_edges_between_them(tiny_lab):
    made = tiny_lab.network("reference", **LOOSE, max_family_size=2)
    assert made.as_dict()["largest_family"] == 2
    assert made.n_parted == 4
    assert made.edges.num_rows == 2
    assert "  edges left out so that no family has more than 2 spectra: 4" in made.lines()


def test_graphml_is_read_by_networkx(tiny_lab, tmp_path):
    file = tmp_path / "kitchen.graphml"
    made = tiny_lab.network("kitchen", method="modified_cosine", **LOOSE, search="first", only_confident=False, out=file)
    graph = nx.read_graphml(file)
    assert made.files == (file,)
    assert {tuple(sorted(edge)) for edge in graph.edges} == {
        tuple(sorted((str(row["spectrum_id_a"]), str(row["spectrum_id_b"])))) for row in made.edges.to_pylist()
    }
    assert graph.number_of_edges() == made.edges.num_rows == 4
    (leucine,) = [node for _, node in graph.nodes(data=True) if node["native_id"] == "coffee:1"]
    assert {name: leucine[name] for name in ("precursor_mz", "charge", "annotation", "analyte_id", "family_size")} == {
        "precursor_mz": 132.102,
        "charge": 1,
        "annotation": "record",
        "analyte_id": "ROHFNLRQFUQHCH",
        "family_size": 4,
    }
    assert "neighbour_id" not in leucine
    score = next(data["score"] for _, _, data in graph.edges(data=True))
    assert 0.1 <= score <= 1


def test_csv_has_ids_as_text_and_the_nodes_beside(tiny_lab, tmp_path):
    made = tiny_lab.network("reference", **LOOSE, out=tmp_path / "links.csv")
    assert [file.name for file in made.files] == ["links.csv", "links_nodes.csv"]
    with made.files[0].open() as edges, made.files[1].open() as nodes:
        ids = {row["spectrum_id"] for row in csv.DictReader(nodes)}
        ends = {row[end] for row in csv.DictReader(edges) for end in ("spectrum_id_a", "spectrum_id_b")}
    assert ends == ids == {str(node) for node in made.nodes["spectrum_id"].to_pylist()}


def test_names_that_xml_cannot_hold_are_written(tmp_path):
    nodes = pa.table({"spectrum_id": [1, 2], "name": ["a\x00b & <c>", None], "is_known": [True, False]})
    write_graph(tmp_path / "x.graphml", nodes, pa.table({"spectrum_id_a": [1], "spectrum_id_b": [2]}))
    graph = nx.read_graphml(tmp_path / "x.graphml")
    assert dict(graph.nodes(data=True)) == {"1": {"name": "a\ufffdb & <c>", "is_known": True}, "2": {"is_known": False}}


@pytest.mark.parametrize(
    ("asked", "error", "told"),
    [
        ({"collection": "nowhere"}, NoCollection, "it has: kitchen, reference"),
        ({"method": "entropy_similarity"}, BadParameter, "modified_cosine"),
        ({"method": "cosine_greedy", "model": "binned"}, BadParameter, "leave out the model"),
        ({"model": "bined"}, NoModel, "Did you mean 'binned'"),
        ({"search": "second"}, NoSearch, "kitchen has no search 'second'; it has: first"),
        ({"min_score": 0.0}, BadParameter, "above 0"),
        ({"top_k": 0}, BadParameter, "top_k is 0"),
        ({"max_family_size": 1}, BadParameter, "at least 2"),
        ({"max_mz_difference": float("nan")}, BadParameter, "not negative"),
        ({"fragment_tolerance_da": 0.0}, BadParameter, "fragment tolerance"),
        ({"out": "x.gml"}, BadParameter, "graphml"),
        ({"out": "no/such/folder/x.graphml"}, BadParameter, "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_said(tiny_lab, asked, error, told):
    with pytest.raises(error, match=told):
        tiny_lab.network(**({"collection": "kitchen"} | asked))
