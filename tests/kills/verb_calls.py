"""How each verb is called in the lab of ``kill_lab.py``: those that write, to be killed, and those that only read."""

from typing import NamedTuple

import click

from spectradb.cli.main import VERBS, main


class Call(NamedTuple):
    """One call of a verb.

    Parameters
    ----------
    arguments : str
        Its arguments, apart by blanks; {lab} and {files} are folders.
    first : tuple of str
        Verbs that are called before, undisturbed: each a name and its arguments.
    done : str or None
        What the verb says where it was done already and does not do it again; None: it ends well then, too.
    version : int or None
        Schema version that the lab is given before.
    """

    arguments: str
    first: tuple[str, ...] = ()
    done: str | None = None
    version: int | None = None


#: Verbs that write: to the record and the published file, or to files of their own.
WRITING = {
    "aggregate": Call("{lab} --study ward --method codebook"),
    "benchmark": Call("{lab} retrieval --library reference --method binned --method cosine_greedy --resamples 20"),
    "calibrate": Call("{lab} --library reference"),
    "classify": Call("{lab} --study ward --target sample_group --seeds 2 --name groups"),
    "clean": Call(
        "{lab} --older-than-days 0",
        first=("remove {lab} search itself", "embed {lab} --refill"),
    ),
    "cluster": Call("{lab} ward"),
    "compare-methods": Call("{lab} --study ward --target sample_group --by chromatography --seeds 2"),
    "confident": Call("{lab} score>=0.5"),
    "dashboard": Call("{lab} --out {files}/out/dashboard.html"),
    "demo": Call("{files}/demo"),
    "embed": Call("{lab} --model binned --batch-size 32", first=("import-library {lab} more {files}/more.mgf",)),
    "export": Call("{lab} spectra {files}/out/spectra.mgf"),
    "identify": Call("{lab} --study ward --library reference --name second --ppm 20"),
    "import-features": Call("{lab} ward {files}/quant.csv"),
    "import-library": Call("{lab} more {files}/more.mgf"),
    "import-study": Call("{lab} ward {files}/late.mgf"),
    "init": Call("{files}/new"),
    "markers": Call("{lab} --study ward --target sample_group"),
    "mces": Call("{lab} itself --workers 1"),
    "model add": Call("{lab} theirs {files}/theirs.onnx", done="has a model 'theirs' already"),
    "model remove": Call("{lab} theirs", first=("model add {lab} theirs {files}/theirs.onnx",), done="has no model 'theirs'"),
    "model trust": Call("{lab} theirs", first=("model add {lab} theirs {files}/theirs.onnx",)),
    "native build": Call(""),
    "network": Call("{lab} ward --min-matched-peaks 2 --out {files}/out/network.graphml"),
    "plot": Call("{lab} --query s1:0 --search first --out {files}/out/hit.svg"),
    "project": Call("{lab} --study ward --by pca"),
    "publish": Call("{lab} --rebuild"),
    "reannotate": Call("{lab} ward reference --name again", first=("import-study {lab} ward {files}/late.mgf", "embed {lab}")),
    "refine": Call("{lab} reference {files}/out/refined.parquet"),
    "remove": Call("{lab} study ward", done="no study 'ward'"),
    "report": Call("{lab} --out {files}/out/report.html"),
    "state drop": Call("{lab} may", first=("state keep {lab} reference may",), done="no state 'may'"),
    "state keep": Call("{lab} reference may"),
    "tautomers": Call("{lab} itself"),
    "train": Call("{lab} {files}/short.toml --out {files}/out/run --threads 1 --any-licence"),
    "upgrade": Call("{lab}", version=2),
}

#: Verbs that write nothing; the suite calls them and looks whether a file of the lab is another one afterwards.
READING = {
    "info": "{lab}",
    "macros": "",
    "massql": "{lab} 'QUERY scaninfo(MS2DATA)'",
    "model list": "{lab}",
    "model show": "{lab} binned",
    "native status": "",
    "search": "{lab} {files}/late.mgf --library reference",
    "sql": "{lab} 'FROM libraries'",
    "state changes": "{lab} may",
    "state list": "{lab}",
}

#: Verbs that cannot be called here, and why not.
ELSEWHERE = {
    "model download": "its server is far away; what it stores, it stores as `model add` does",
    "serve": "it reads, and goes on until it is stopped (tests/server)",
    "shell": "it is DuckDB's own program, which opens the published file for reading",
    "viewer": "the packages of its page come from far away; the page is written as a report is",
}


def verbs():
    """List all verbs of the command line, those of groups by both words."""
    context = click.Context(main)
    found = []
    for name in VERBS:
        command = main.get_command(context, name)
        found += [f"{name} {inner}" for inner in command.commands] if isinstance(command, click.Group) else [name]
    return found
