"""Repeated spectra of a study: clustered, searched by cluster, clustered again, removed; nothing half done is seen."""

import json
import shutil

import pytest
from click.testing import CliRunner
from empty_lab import empty_lab
from tiny_lab import CAFFEINE, LEUCINE, write_files

from spectradb.cli import main
from spectradb.errors import BadParameter, CollectionExists, NoCollection
from spectradb.facade.lab import connect

MEMBERS = """
SELECT list(native_id ORDER BY native_id), any_value(clusters.best_native_id), any_value(n_runs)
FROM cluster_members INNER JOIN spectra USING (spectrum_id) INNER JOIN clusters USING (cluster_id)
GROUP BY cluster_id ORDER BY 1
"""


def mgf(*spectra):
    """Spectra of (title, precursor m/z, seconds, energy, peaks)."""
    parts = []
    for title, mz, seconds, energy, peaks in spectra:
        lines = "\n".join(f"{x} {y}" for x, y in peaks)
        head = f"TITLE={title}\nPEPMASS={mz}\nCHARGE=1+\nRTINSECONDS={seconds}\nCOLLISION_ENERGY={energy}"
        parts.append(f"BEGIN IONS\n{head}\n{lines}\nEND IONS\n")
    return "\n".join(parts)


CAFFEINE_PEAKS = [(110.0713, 210), (138.0662, 1000), (195.0877, 550)]
LEUCINE_PEAKS = [(43.0542, 100), (44.0495, 150), (86.0964, 1000)]
RUNS = {
    "one.mgf": mgf(
        ("1", 195.0876, 180, "20 eV", CAFFEINE_PEAKS),
        ("2", 195.0878, 190, "20 eV", [(110.0713, 105), (138.0664, 500), (195.0877, 260), (60.5, 2)]),
        ("3", 132.1020, 60, "20 eV", LEUCINE_PEAKS),
        ("4", 195.0877, 900, "20 eV", CAFFEINE_PEAKS),
    ),
    "two.mgf": mgf(
        ("1", 195.0877, 185, "30 eV", [(110.0713, 400), (138.0660, 2000), (195.0877, 1100)]),
        ("2", 132.1020, 65, "20 eV", [(69.0699, 400), (86.0964, 100), (55.1, 900)]),
    ),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A library of the tiny lab, and a study of two runs, clustered and identified by cluster."""
    folder = tmp_path_factory.mktemp("clusters")
    write_files(folder)
    for name, text in RUNS.items():
        (folder / name).write_text(text)
    with empty_lab(folder / "lab") as lab:
        lab.import_library("reference", folder / "reference.msp")
        lab.import_study("runs", [folder / name for name in RUNS])
        lab.embed("binned")
        lab.cluster("runs")
        lab.identify("runs", "reference", clusters=True)
    return folder


@pytest.fixture(scope="module")
def lab(folder):
    """For reading."""
    with connect(folder / "lab") as lab:
        yield lab


def test_clusters_have_their_members(lab):
    assert lab.sql(MEMBERS).fetchall() == [
        (["1", "1", "2"], "1", 2),  # caffeine: the member of the highest total ion current is that of the second run
        (["2"], "2", 1),
        (["3"], "3", 1),
        (["4"], "4", 1),  # at another time
    ]
    assert lab.sql("SELECT clustering, study, model, n_spectra, n_clusters FROM clusterings").fetchall() == [
        ("runs_clusters", "runs", "binned", 6, 4)
    ]


def test_a_consensus_spectrum_says_what_its_members_agree_in(lab):
    row = lab.sql(
        "SELECT native_id, precursor_mz, adduct, collision_energy, retention_time_s, ion_mode, run_id, analyte_id, n_peaks, "
        "round(mz[1], 4), round(intensity[2], 3) FROM spectra WHERE collection = 'runs_clusters' AND precursor_mz > 190 "
        "AND retention_time_s < 300"
    ).fetchall()
    # The peak at 60.5 is one of three members'; the base peak is the median of theirs.
    assert row == [("two:1", 195.0877, None, None, 185.0, "positive", None, None, 3, 110.0713, 1000.0)]
    energies = lab.sql("SELECT collision_energies FROM clusters WHERE n_members = 3").fetchall()
    assert energies == [("20 eV, 30 eV",)]


def test_a_search_by_cluster_gives_every_member_its_hits(lab):
    rows = lab.sql(
        "SELECT run_id, native_id, analyte_id, cluster_id IS NOT NULL FROM identifications "
        "WHERE search_id = 'runs-reference-binned-clusters' ORDER BY ALL"
    ).fetchall()
    assert [row for row in rows if row[2] == CAFFEINE] == [
        ("runs/one", "1", CAFFEINE, True),
        ("runs/one", "2", CAFFEINE, True),
        ("runs/one", "4", CAFFEINE, True),
        ("runs/two", "1", CAFFEINE, True),
    ]
    assert ("runs/one", "3", LEUCINE, True) in rows
    searched = lab.sql(
        "SELECT study, n_queries, n_answered, settings FROM searches WHERE search_id LIKE '%-clusters'"
    ).fetchall()[0]
    assert searched[:3] == ("runs", 6, 6)
    assert json.loads(searched[3])["clusters"] == "runs_clusters"
    members = lab.sql(
        "SELECT count(DISTINCT score), count(*) FROM hits INNER JOIN clusters USING (cluster_id) "
        "WHERE n_members = 3 AND rank = 1"
    ).fetchall()
    assert members == [(1, 3)]


@pytest.fixture
def own(folder, tmp_path):
    """A copy to change."""
    with connect(shutil.copytree(folder / "lab", tmp_path / "lab")) as lab:
        yield lab


def test_clustering_again_replaces_or_finds_it_done(own):
    assert own.cluster("runs").unchanged is True
    report = own.cluster("runs", method="cosine_greedy", rt_window_s=None, spectrum="best")
    assert (report.unchanged, report.n_clusters, report.largest) == (False, 3, 4)
    assert own.sql(
        "SELECT count(*), count(DISTINCT spectrum_id) FROM spectra WHERE collection = 'runs_clusters'"
    ).fetchall() == [(3, 3)]
    assert own.sql("SELECT method, spectrum FROM clusterings").fetchall() == [("cosine_greedy", "best")]
    # The peaks are those of the best member.
    assert (
        own.sql(
            "SELECT c.peaks_hash = b.peaks_hash FROM clusters INNER JOIN spectra AS c ON c.spectrum_id = cluster_id "
            "INNER JOIN spectra AS b ON b.spectrum_id = best_id"
        ).fetchall()
        == [(True,)] * 3
    )
    own.identify("runs", "reference", clusters=True, name="again", method="cosine_greedy")
    assert own.record.dataset("cluster_members").count_rows() == 6
    own.cluster("runs", into="others", min_score=1.0)
    with pytest.raises(BadParameter, match="clustered as others, runs_clusters"):
        own.identify("runs", "reference", clusters=True)
    with pytest.raises(BadParameter, match="no clusters 'other'"):
        own.identify("runs", "reference", clusters="other")
    own.identify("runs", "reference", clusters="others", name="by_others")
    report = own.remove("study", "runs")
    assert (report.counts["clusterings"], report.counts["cluster_members"]) == (2, 12)
    assert own.sql("SELECT name FROM studies").fetchall() == []
    assert own.sql("SELECT count(*) FROM spectra WHERE collection <> 'reference'").fetchall() == [(0,)]
    assert own.record.dataset("cluster_members").count_rows() == 0


def test_spectra_that_came_later_are_told(own, tmp_path):
    (tmp_path / "three.mgf").write_text(mgf(("9", 195.0877, 180, "20 eV", CAFFEINE_PEAKS)))
    own.import_study("runs", [tmp_path / "three.mgf"])
    own.embed("binned")
    report = own.identify("runs", "reference", clusters=True, name="later")
    assert any("1 spectra of runs are in no cluster" in note for note in report.notes)


def test_a_killed_clustering_leaves_the_one_before(own, monkeypatch):
    before = own.sql(MEMBERS).fetchall()

    def killed(*arguments):
        raise KeyboardInterrupt

    # After the spectra, after everything but what makes it count, and before the one before is taken away.
    places = (
        "clusters.recorded_clusters._row",
        "store.record.Record.update",
        "clusters.recorded_clusters.remove_killed_imports",
    )
    for place in places:
        with monkeypatch.context() as patch:
            patch.setattr(f"spectradb.{place}", killed)
            with pytest.raises(KeyboardInterrupt):
                own.cluster("runs", rt_window_s=None)
        own.publish()
        now = own.sql(MEMBERS).fetchall()
        assert (len(now) == 3) if place == places[-1] else (now == before)
    assert own.cluster("runs", rt_window_s=None).unchanged
    assert [own.record.dataset(table).count_rows() for table in ("clusterings", "cluster_members")] == [1, 6]
    assert own.record.dataset("spectra").count_rows("collection = 'runs_clusters'") == 3


def test_what_cannot_be_clustered_is_refused(own):
    with pytest.raises(NoCollection):
        own.cluster("nothing")
    with pytest.raises(CollectionExists, match="spectra that were imported"):
        own.cluster("reference", into="runs", rt_window_s=None)
    with pytest.raises(CollectionExists, match="has the clusters of runs"):
        own.cluster("reference", into="runs_clusters")
    with pytest.raises(BadParameter, match="leave out the model"):
        own.cluster("runs", method="cosine_greedy", model="binned")
    with pytest.raises(BadParameter, match="several contributors"):
        own.identify("runs", "reference", clusters=True, left_out="copies")
    with pytest.raises(BadParameter, match="not clustered"):
        own.identify("reference", "reference", clusters=True)


def test_the_command_line_clusters_and_identifies(own):
    place = str(own.path)
    told = CliRunner().invoke(main, ["cluster", place, "runs", "--any-rt", "--json"])
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["n_clusters"] == 3
    search = ["identify", place, "--study", "runs", "--library", "reference", "--clusters", "--name", "x"]
    assert "6 answered" in CliRunner().invoke(main, search).output
