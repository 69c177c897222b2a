"""A Ray cluster: reaching it, dividing its cores among workers, and mapping calls over workers of which any may die."""

from __future__ import annotations

import importlib
import logging
import os
import socket
import sys
import warnings
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spectradb import __version__
from spectradb.errors import BadCluster, BadParameter, MissingDependency, SpectraDBError
from spectradb.python_process import import_path, last_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

#: Address of a cluster that is started on this machine and ends with the call.
LOCAL = "local"

#: Address of the cluster that runs on this machine already.
RUNNING = "auto"

#: How often a call is tried whose worker dies. Workers themselves come back as often as they die.
ATTEMPTS = 4
# Calls handed to a worker ahead, so that it never waits for the next.
_AHEAD = 2
_SECONDS_TO_CONNECT = 10.0
# What workers hand over is small: addresses of files, and hits. More spills to disk.
_OBJECT_STORE_BYTES = 256 << 20


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A cluster that this process is connected to, and how its cores are divided.

    Parameters
    ----------
    n_workers : int
        Worker processes.
    n_cpus : int
        Cores of each.
    n_gpus : int
        GPUs of each.
    """

    n_workers: int
    n_cpus: int = 1
    n_gpus: int = 0

    def options(self) -> dict[str, Any]:
        """Return what Ray is told about each worker.

        Returns
        -------
        dict
            Its resources, and that it comes back, and its call with it, when it dies.
        """
        return {"num_cpus": self.n_cpus, "num_gpus": self.n_gpus, "max_restarts": -1, "max_task_retries": ATTEMPTS - 1}

    def map(
        self, make: Callable[..., Callable[..., Any]], arguments: tuple[Any, ...], calls: Iterable[tuple[Any, ...]]
    ) -> Iterator[Any]:
        """Call workers; each prepares itself once, and again when it was killed.

        Parameters
        ----------
        make : callable
            Called with ``arguments`` once in every worker; returns what the worker is to call.
        arguments : tuple
            Its arguments, which must pickle.
        calls : iterable of tuple
            Arguments of each call; read as workers become free.

        Yields
        ------
        object
            What the calls return, in their order.

        Raises
        ------
        SpectraDBError
            What a worker raised.
        BadCluster
            If a worker died at one call time and again, or does not have this version of spectradb.
        """
        ray = required("ray")
        worker = ray.remote(**self.options())(_Worker)
        workers = [worker.remote(__version__, make, arguments) for _ in range(self.n_workers)]
        try:
            yield from _in_order(ray, workers, calls)
        finally:
            for one in workers:
                ray.kill(one)


class _Worker:
    """What runs in a worker process. What spectradb raises goes back as a value: Ray would wrap it, or lose it."""

    def __init__(self, version: str, make: Callable[..., Callable[..., Any]], arguments: tuple[Any, ...]) -> None:
        self.version = version
        self.make = make
        self.arguments = arguments
        self.work: Callable[..., Any] | None = None

    def call(self, arguments: tuple[Any, ...]) -> tuple[Any, type[SpectraDBError] | None, str]:
        try:
            if self.work is None:
                if self.version != __version__:
                    remedy = "Install the same version on all machines of the cluster"
                    raise BadCluster(f"{socket.gethostname()} has spectradb {__version__}, not {self.version}. {remedy}")
                self.work = self.make(*self.arguments)
            return self.work(*arguments), None, ""
        except SpectraDBError as error:
            return None, type(error), str(error)


def _in_order(ray: Any, workers: Sequence[Any], calls: Iterable[tuple[Any, ...]]) -> Iterator[Any]:  # noqa: ANN401 - Ray is optional
    following = enumerate(calls)
    running: dict[Any, tuple[int, Any]] = {}
    done: dict[int, Any] = {}

    def hand_over(worker: Any) -> None:  # noqa: ANN401 - Ray is optional
        for place, call in following:
            running[worker.call.remote(call)] = (place, worker)
            return

    for worker in [*workers] * _AHEAD:
        hand_over(worker)
    n_given = 0
    while running:
        ready, _ = ray.wait(list(running), num_returns=1)
        place, worker = running.pop(ready[0])
        done[place] = _result(ray, ready[0])
        hand_over(worker)
        while n_given in done:
            yield done.pop(n_given)
            n_given += 1


def _result(ray: Any, reference: Any) -> Any:  # noqa: ANN401 - Ray is optional
    try:
        value, kind, message = ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, ImportError):
            raise BadCluster(f"a worker lacks a package: {error.cause}. Install spectradb[ray] on all its machines") from None
        raise
    except ray.exceptions.RayError as error:
        if told := last_error(str(error)):
            remedy = "Install the same spectradb, with the same packages, on all machines of the cluster"
            raise BadCluster(f"a worker of the cluster does not start: {told}. {remedy}") from error
        first = str(error).strip().partition("\n")[0]
        remedy = "If memory ran out, give it fewer --ray-workers or a smaller --batch-size"
        raise BadCluster(f"a worker of the cluster died {ATTEMPTS} times at one call: {first}. {remedy}") from error
    if kind is not None:
        raised = kind.__new__(kind, message)
        raised.args = (message,)
        raise raised
    return value


@contextmanager
def connected(address: str, *, workers: int | None = None, device: str = "cpu") -> Iterator[Cluster]:
    """Connect to a cluster for the length of a block.

    Parameters
    ----------
    address : str
        :data:`LOCAL`, :data:`RUNNING`, or ``host:port`` of a cluster's head. A process that is connected already stays so.
    workers : int, optional
        Worker processes, among which the cores of the cluster are divided; one for every core when None, or for every GPU.
    device : str
        ``"cpu"``; or ``"cuda"``: each worker gets a GPU of its own.

    Yields
    ------
    Cluster
        The cluster.

    Raises
    ------
    MissingDependency
        If Ray is not installed.
    BadCluster
        If there is no cluster at the address, or it has no GPU and one is needed.
    BadParameter
        If the number of workers is less than 1, or the device names one GPU for all workers.
    """
    if workers is not None and workers < 1:
        raise BadParameter(f"{workers} workers: give at least 1")
    if device not in {"cpu", "cuda"}:
        raise BadParameter(f"device {device!r}: on a cluster it is cpu, or cuda, where each worker gets a GPU of its own")
    ray = required("ray")
    with ExitStack() as held:
        if not ray.is_initialized():
            # Standard output is for results: Ray would tell there which workers died.
            held.enter_context(redirect_stdout(sys.stderr))
            _connect(ray, address, workers)
            held.callback(ray.shutdown)
        elif address not in {LOCAL, RUNNING, ray.get_runtime_context().gcs_address}:
            at = ray.get_runtime_context().gcs_address
            raise BadCluster(f"this process is connected to the Ray cluster at {at}, not to {address}. Pass {at}")
        alive = [node["Resources"] for node in ray.nodes() if node["Alive"]]
        yield divided(alive, workers, on_gpus=device == "cuda")


def divided(nodes: Sequence[Mapping[str, float]], workers: int | None, *, on_gpus: bool = False) -> Cluster:
    """Divide the cores of machines among workers.

    Parameters
    ----------
    nodes : sequence of mapping
        Resources of each machine: ``CPU`` and ``GPU``.
    workers : int, optional
        Workers wanted; as many as there are cores, or GPUs, when None. There are never more.
    on_gpus : bool
        Whether each needs a GPU.

    Returns
    -------
    Cluster
        Workers that all find room at once, with as many cores each as leave room for the others.

    Raises
    ------
    BadCluster
        If there is no core, or no GPU and one is needed.
    """
    resource = "GPU" if on_gpus else "CPU"
    room = [int(node.get(resource, 0)) for node in nodes]
    if sum(room) == 0:
        raise BadCluster(f"the cluster has no {resource} for a worker. Add machines to it, or work with another --device")
    n_workers = min(workers or sum(room), sum(room))
    cores = [int(node.get("CPU", 0)) for node in nodes]
    n_cpus = max(1, sum(cores) // n_workers)

    def places(each: int) -> int:
        gpus = room if on_gpus else cores
        return sum(min(n // each, gpu) for n, gpu in zip(cores, gpus, strict=True))

    while n_cpus > 1 and places(n_cpus) < n_workers:
        n_cpus -= 1
    return Cluster(n_workers=min(n_workers, max(places(n_cpus), 1)), n_cpus=n_cpus, n_gpus=int(on_gpus))


def required(package: str) -> Any:  # noqa: ANN401 - a module
    """Import a package that clusters need.

    Parameters
    ----------
    package : str
        Its name.

    Returns
    -------
    module
        The package.

    Raises
    ------
    MissingDependency
        If it is not installed.
    """
    try:
        return importlib.import_module(package)
    except ImportError as error:
        msg = f"working on a Ray cluster needs the package {package}. Run `pip install 'spectradb[ray]'`, on its machines too"
        raise MissingDependency(msg) from error


class _FoldersOfThisProcess(list[str]):
    """Folders that Ray puts first on the import path of workers; it adds the current folder, where anything may lie."""

    def extend(self, folders: Iterable[str]) -> None:
        known = import_path()
        super().extend(folder for folder in folders if folder in known)


def _connect(ray: Any, address: str, workers: int | None) -> None:  # noqa: ANN401 - Ray is optional
    job = ray.job_config.JobConfig()
    job._py_driver_sys_path = _FoldersOfThisProcess()  # noqa: SLF001 - Ray has no public way
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR, "job_config": job}
    if address == LOCAL:
        # A database does not report to anybody how it is used.
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        n_cores = max(len(os.sched_getaffinity(0)), workers or 1)
        with warnings.catch_warnings():
            # What Ray starts becomes another program at once, and uses nothing of Lance.
            warnings.filterwarnings("ignore", message="lance is not fork-safe")
            ray.init(LOCAL, num_cpus=n_cores, include_dashboard=False, object_store_memory=_OBJECT_STORE_BYTES, **quiet)
        return
    remedy = f"Start one with `ray start --head` and pass its host:port, or pass {LOCAL}"
    if address != RUNNING:
        _knock(address, remedy)
    try:
        ray.init(address, **quiet)
    except (ConnectionError, ValueError, RuntimeError, SystemExit) as error:
        # Ray's own remedy names options of Ray.
        reason = str(error).partition(". ")[0].rstrip(".")
        raise BadCluster(f"no Ray cluster at {address}: {reason}. {remedy}") from error


def _knock(address: str, remedy: str) -> None:
    """Find out at once whether anything answers: Ray itself would try for minutes, and then end the process."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not (host and colon and port.isdigit()):
        raise BadCluster(f"{address!r} is no address of a Ray cluster, such as 192.0.2.1:6379. {remedy}")
    try:
        socket.create_connection((host, int(port)), timeout=_SECONDS_TO_CONNECT).close()
    except (OSError, OverflowError) as error:
        raise BadCluster(f"no Ray cluster at {address}: {error}. {remedy}") from error
