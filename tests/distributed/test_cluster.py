"""Reaching a cluster, dividing its cores, and calls that survive their workers."""

import os
import signal
import sys

import pytest
from click.testing import CliRunner

from spectradb.cli import main
from spectradb.distributed.cluster import Cluster, connected, divided
from spectradb.errors import BadCluster, BadParameter, MissingDependency, UnreadableFile

SIXTEEN, FOUR, GPUS = {"CPU": 16.0, "memory": 1e9}, {"CPU": 4.0}, {"CPU": 12.0, "GPU": 2.0}


@pytest.mark.parametrize(
    ("nodes", "workers", "n_workers", "n_cpus"),
    [
        ([FOUR], None, 4, 1),
        ([FOUR], 9, 4, 1),
        ([FOUR], 2, 2, 2),
        ([FOUR], 3, 3, 1),
        ([SIXTEEN, FOUR], 5, 5, 4),
        # Ten cores each would leave room for one.
        ([SIXTEEN, FOUR], 2, 2, 8),
        ([SIXTEEN, {"memory": 1.0}], 1, 1, 16),
    ],
)
def test_cores_are_divided(nodes, workers, n_workers, n_cpus):
    assert divided(nodes, workers) == Cluster(n_workers=n_workers, n_cpus=n_cpus)


def test_gpus_are_divided():
    assert divided([GPUS, SIXTEEN, GPUS], None, on_gpus=True) == Cluster(n_workers=4, n_cpus=6, n_gpus=1)
    assert divided([GPUS], 1, on_gpus=True) == Cluster(n_workers=1, n_cpus=12, n_gpus=1)
    assert divided([GPUS], 1, on_gpus=True).options()["num_gpus"] == 1
    with pytest.raises(BadCluster, match="no GPU"):
        divided([SIXTEEN], 1, on_gpus=True)


@pytest.mark.parametrize("verb", [["embed"], ["identify", "--study", "kitchen", "--library", "reference"]])
def test_without_ray_the_error_says_what_to_install(tiny_lab, monkeypatch, verb):
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.setitem(sys.modules, "lance_ray", None)
    result = CliRunner().invoke(main, [verb[0], str(tiny_lab.path), *verb[1:], "--ray", "local"])
    assert result.exit_code == 1
    assert "pip install 'spectradb[ray]'" in result.stderr
    with pytest.raises(MissingDependency, match="ray"), connected("local"):
        pass


@pytest.mark.parametrize("address", ["127.0.0.1:1", "nowhere", "somewhere:port", "nowhere.invalid:6379"])
def test_a_bad_address(tiny_lab, monkeypatch, address):
    ray = pytest.importorskip("ray", reason="ray is not installed: pip install 'spectradb[ray]'")
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    result = CliRunner().invoke(main, ["embed", str(tiny_lab.path), "--ray", address])
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert address in result.stderr
    assert "ray start --head" in result.stderr
    assert result.stderr.count("\n") == 1


def test_what_a_cluster_cannot_be_asked(tiny_lab, cluster):
    with pytest.raises(BadCluster, match="this process is connected to the Ray cluster at"):
        tiny_lab.embed(ray="192.0.2.1:6379")
    with pytest.raises(BadParameter, match="0 workers"):
        tiny_lab.embed(ray="local", ray_workers=0)
    with pytest.raises(BadParameter, match="each worker gets a GPU of its own"):
        tiny_lab.embed(ray="local", device="cuda:1")
    with pytest.raises(BadCluster, match="no GPU"):
        tiny_lab.embed(ray="local", device="cuda")
    with pytest.raises(BadParameter, match="leave out --ray"):
        tiny_lab.identify("kitchen", "reference", ppm=None, index="approximate", ray="local")


def test_calls_survive_their_workers(cluster, tmp_path):
    # Defined here, so that workers are sent it whole: they cannot import this module.
    def make(folder, kill=signal.SIGKILL):
        (folder / f"made-{os.getpid()}").touch()

        def work(number):
            if number == 3 and not (folder / "killed").exists():
                (folder / "killed").touch()
                os.kill(os.getpid(), kill)
            return 10 * number

        return work

    assert list(cluster.map(make, (tmp_path,), [(n,) for n in range(8)])) == [0, 10, 20, 30, 40, 50, 60, 70]
    assert (tmp_path / "killed").exists()
    # Each of two prepared itself once, and the one that was killed once more.
    assert len(list(tmp_path.glob("made-*"))) == 3


def test_errors_of_workers_are_raised_as_they_were(cluster):
    def make():
        def work(number):
            if number:
                raise UnreadableFile("a.mgf", "line 3", "no number", "Mend it.")
            return "fine"

        return work

    assert list(cluster.map(make, (), [(0,), (0,)])) == ["fine", "fine"]
    # As soon as it is known, also before the result of an earlier call.
    with pytest.raises(UnreadableFile, match=r"^a.mgf, line 3: no number. Mend it.$"):
        list(cluster.map(make, (), [(0,), (1,)]))
