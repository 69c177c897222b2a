"""What a server takes: many clients at once, first with searches alone, then with everything while imports publish.

``python tests/speed/serving/server_load.py LAB --study cohort --library massbank`` copies the lab, serves the copy by a
process of its own, and asks it from several processes with a connection each, one request after the other. Meanwhile another
process imports runs into the copy, one after the other, each of which publishes. Every answer is checked: its status, and what
it must hold. The same clients ask for a page that needs no lab, which tells what the machine gives at that time.
"""

from __future__ import annotations

import argparse
import collections
import http.client
import json
import multiprocessing
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

QUERIES = """
SELECT mz, intensity, coalesce(precursor_mz_stated, precursor_mz) AS precursor_mz, ion_mode
FROM spectra
WHERE collection = $study AND n_peaks > 0 AND ion_mode IS NOT NULL AND precursor_mz > 0
ORDER BY spectrum_id
"""
COLUMNS = ("requests", "number", "errors", "median, ms", "p95, ms", "p99, ms", "CPU of the server, ms")
RUN = "BEGIN IONS\nTITLE={i}:{j}\nPEPMASS={mz}\nCHARGE=1+\n{first} 100\n{second} 40\nEND IONS\n"
#: Requests of each thousand in the mix.
MIX = {"search": 900, "sql": 40, "status": 30, "identifications": 15, "searches": 10, "tables": 4, "hit": 1}


def client(number: int, address: str, token: str, kinds: list[str], spectra: list[dict], asked: dict) -> list[tuple]:
    """Ask one request after the other; kind, milliseconds and what was wrong of each."""
    rng = random.Random(number)
    host = address.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=120)
    head = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    found = []
    for kind in kinds:
        body = None
        path = f"/{kind}"
        if kind == "search":
            body = json.dumps({"library": asked["library"], "spectra": [rng.choice(spectra)]})
        elif kind == "sql":
            body = json.dumps({"query": rng.choice(asked["sql"])})
        elif kind in asked["paths"]:
            path = rng.choice(asked["paths"][kind])
        start = time.perf_counter()
        wrong = None
        try:
            connection.request("POST" if body else "GET", path, body, head)
            reply = connection.getresponse()
            content = reply.read()
            took = (time.perf_counter() - start) * 1e3
            wrong = _wrong(kind, reply.status, content)
        except (OSError, http.client.HTTPException) as error:
            took = (time.perf_counter() - start) * 1e3
            wrong = f"{type(error).__name__}: {error}"
            connection.close()
        found.append((kind, took, wrong))
    return found


def _wrong(kind: str, status: int, content: bytes) -> str | None:
    if status != 200:
        return f"{status} {content[:200]!r}"
    if kind == "":
        return None if content.endswith(b"</html>") else "no page"
    if kind == "hit":
        return None if b"</svg>" in content else "no figure"
    told = json.loads(content)
    if kind == "search":
        return None if "candidates" in told["answers"][0] else str(told)[:200]
    return None if told["rows"] else "no rows"


def load(n: int, n_clients: int, weights: dict[str, int], *given: object) -> tuple[dict[str, list[float]], list[str], float]:
    """Ask n requests from some clients at once."""
    kinds = [kind for kind, weight in weights.items() for _ in range(weight * n // sum(weights.values()))]
    random.Random(1).shuffle(kinds)
    begin = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(n_clients) as pool:
        pool.map(abs, range(n_clients * 4))
        begin = time.perf_counter()
        parts = pool.starmap(
            client, [(i, given[0], given[1], kinds[i::n_clients], *given[2:]) for i in range(n_clients)], chunksize=1
        )
    seconds = time.perf_counter() - begin
    took = collections.defaultdict(list)
    errors = []
    for part in parts:
        for kind, milliseconds, wrong in part:
            took[kind].append(milliseconds)
            if wrong:
                errors.append(f"{kind}: {wrong}")
    return took, errors, seconds


def importing(program: list[str], lab: Path, ended: threading.Event, published: list[float]) -> None:
    """Import one small run after the other until it is enough."""
    i = 0
    while not ended.is_set():
        file = lab.parent / f"more_{i}.mgf"
        rng = random.Random(i)
        file.write_text(
            "".join(
                RUN.format(
                    i=i,
                    j=j,
                    mz=round(rng.uniform(150, 900), 4),
                    first=round(rng.uniform(50, 90), 4),
                    second=round(rng.uniform(91, 140), 4),
                )
                for j in range(200)
            )
        )
        command = [*program, "import-study", str(lab), "load", str(file), "-q"]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            print(done.stderr, flush=True)
            return
        published.append(time.perf_counter())
        i += 1


def rows_of(label: str, took: dict[str, list[float]], errors: list[str], cpu: float | None = None) -> list[tuple]:
    """Make the rows of a table; CPU seconds are those of all of them."""
    import numpy as np  # noqa: PLC0415 - clients do without

    return [
        (
            f"{label}: {kind or 'a page that needs no lab'}",
            len(times),
            sum(error.startswith(f"{kind}:") for error in errors),
            *(float(np.percentile(times, share)) for share in (50, 95, 99)),
            cpu and cpu * 1e3 / len(times),
        )
        for kind, times in sorted(took.items(), key=lambda item: -len(item[1]))
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lab", type=Path)
    parser.add_argument("--study", required=True)
    parser.add_argument("--library", required=True)
    parser.add_argument("--n", type=int, default=10_000, help="requests of the mix")
    parser.add_argument("--searches", type=int, default=2_000, help="searches alone, before")
    parser.add_argument("--repeats", type=int, default=2, help="of the searches alone, in turn with the page")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--spectradb", default=str(Path(sys.executable).with_name("spectradb")), help="the program")
    parser.add_argument("--folder", type=Path, help="where to work; a temporary folder when left out")
    parser.add_argument("--record", action="store_true", help="write the table to figures.json")
    arguments = parser.parse_args()
    import psutil  # noqa: PLC0415 - clients do without
    from figures import record  # noqa: PLC0415

    import spectradb  # noqa: PLC0415

    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        lab = Path(folder) / "lab"
        shutil.copytree(arguments.lab, lab)
        program = [arguments.spectradb]
        subprocess.run([*program, "publish", str(lab)], check=True, capture_output=True)
        with spectradb.connect(lab) as opened:
            rows = opened.sql(QUERIES, {"study": arguments.study}).fetchall()
            spectra = [dict(zip(("mz", "intensity", "precursor_mz", "ion_mode"), row, strict=True)) for row in rows]
            n = opened.sql("SELECT n_spectra FROM libraries WHERE name = $name", {"name": arguments.library}).fetchall()[0][0]
            samples = [
                row[0] for row in opened.sql("SELECT DISTINCT sample_id FROM latest_identifications LIMIT 20").fetchall()
            ]
            hits = opened.sql("SELECT query_id FROM latest_identifications LIMIT 40").fetchall()
        warmed = threading.Event()
        server = subprocess.Popen([*program, "serve", str(lab), "--port", "0", "--json"], stdout=subprocess.PIPE, text=True)
        try:
            told = json.loads(server.stdout.readline())
            process = psutil.Process(server.pid)
            warmed.wait(5)  # libraries are read into memory meanwhile
            asked = {
                "library": arguments.library,
                "sql": [
                    "SELECT name, n_spectra FROM libraries",
                    "SELECT ion_mode, count(*) AS n FROM spectra GROUP BY ion_mode",
                    "SELECT query_id, name, score FROM latest_identifications ORDER BY score DESC LIMIT 20",
                ],
                "paths": {
                    "identifications": [f"/identifications?sample={sample}" for sample in samples if sample],
                    "hit": [f"/hit?query={query}" for (query,) in hits],
                },
            }
            for kind in [kind for kind, paths in asked["paths"].items() if not paths]:
                asked["paths"][kind] = ["/status"]
            given = (told["address"], told["token"], spectra, asked)
            load(40, 2, {"search": 1}, *given)
            table, errors = [], []
            for _ in range(arguments.repeats):
                for kind in ("", "search"):
                    before = sum(process.cpu_times()[:2])
                    alone, wrong, seconds = load(arguments.searches, arguments.clients, {kind: 1}, *given)
                    errors += wrong
                    cpu = sum(process.cpu_times()[:2]) - before
                    table += rows_of(f"{arguments.clients} clients", alone, wrong, cpu)
            ended, published = threading.Event(), []
            writer = threading.Thread(target=importing, args=(program, lab, ended, published))
            writer.start()
            mixed, mixed_errors, mixed_seconds = load(arguments.n, arguments.clients, MIX, *given)
            ended.set()
            writer.join()
            table += rows_of(f"{arguments.clients} clients, all kinds, while imports publish", mixed, mixed_errors)
        finally:
            begin = time.perf_counter()
            server.terminate()
            server.wait(timeout=30)
            ended_in = time.perf_counter() - begin
    for error in collections.Counter([*errors, *mixed_errors]).most_common(5):
        print(error)
    for row in table:
        print(*row, sep=" | ")
    note = (
        f"{sum(map(len, mixed.values())):,} requests in {mixed_seconds:.0f} s while {len(published)} imports published; "
        f"{sum(map(len, alone.values())):,} searches alone in {seconds:.0f} s. SIGTERM ended the server in {ended_in:.1f} s. "
        "Server, clients and imports share the machine."
    )
    print(note)
    if arguments.record:
        record(
            "server_load",
            topic="speed",
            title=f"A server over a library of {n:,} real spectra",
            columns=COLUMNS,
            rows=table,
            notes=[note],
            command="python tests/speed/serving/server_load.py LAB "
            f"--study {arguments.study} --library {arguments.library} --record",
        )


if __name__ == "__main__":
    main()
