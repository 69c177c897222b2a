"""The ``spectradb`` command and its verbs.

The module of a verb is imported when the verb is asked for: what most verbs stand on takes a second to import, and neither
the list of verbs nor a verb that needs little should wait for it.
"""

from __future__ import annotations

import importlib
from typing import NamedTuple

import click

from spectradb import __version__
from spectradb.errors import UnsupportedPlatform
from spectradb.platforms import check_platform


class Verb(NamedTuple):
    """Where a verb is, and what it does in a few words."""

    module: str
    summary: str


#: All verbs; each summary is how the help of the verb begins.
VERBS: dict[str, Verb] = {
    "aggregate": Verb("samples", "Aggregate the spectra of each run or sample to one vector"),
    "benchmark": Verb("benchmark", "Compare methods by the PROTOCOL retrieval, isomers, dilution or analogues"),
    "calibrate": Verb("calibrate", "Learn from a library how far scores can be trusted"),
    "classify": Verb("samples", "Predict a column of the sample table on runs or samples not learnt from"),
    "clean": Verb("labs", "Remove old versions of the record and what killed writers left behind"),
    "cluster": Verb("cluster", "Cluster the repeated spectra of a study"),
    "compare-methods": Verb("samples", "Say which chromatography and ion mode, or other column of the runs"),
    "confident": Verb("confident", "Say or set the RULE by which answers are called confident"),
    "dashboard": Verb("report", "Write one interactive HTML page of ten tiles"),
    "demo": Verb("demo", "Show the whole way from files to answers in DIRECTORY (./spectradb-demo)"),
    "embed": Verb("imports", "Fill the embedding column of a model"),
    "export": Verb("sql", "Write a table, a view or a SELECT to a file of another program"),
    "identify": Verb("searches", "Identify the spectra of a study against a library"),
    "import-features": Verb("imports", "Import the areas of a feature table of MZmine or MS-DIAL"),
    "import-library": Verb("imports", "Import a reference library"),
    "import-study": Verb("imports", "Import the runs of a study"),
    "info": Verb("labs", "Say what a lab holds"),
    "init": Verb("labs", "Make a lab"),
    "macros": Verb("clients", "Write the macros for a connection that attaches lab.duckdb beside other databases"),
    "markers": Verb("samples", "Say which clusters of spectra tell each group from the others"),
    "massql": Verb("massql", "Ask for spectra in the Mass Spectrometry Query Language"),
    "mces": Verb("structures", "Compute how far the wrong answers of searches are from the truth"),
    "model": Verb("models", "Say which embedders a lab has, and take in models of others"),
    "native": Verb("native", "Compile the extension that makes searches by embeddings several times faster"),
    "network": Verb("network", "Link the related spectra of a study or library to a molecular network"),
    "plot": Verb("report", "Draw a query over a library spectrum that answered it"),
    "project": Verb("samples", "Draw runs or samples in the plane"),
    "publish": Verb("labs", "Build lab.duckdb from the record again"),
    "reannotate": Verb("history", "Search STUDY against LIBRARY again as it was searched last"),
    "refine": Verb("refine", "Write a library's refined vectors to a .parquet file"),
    "remove": Verb("remove", "Remove a study, a library, a search or a model from a lab"),
    "report": Verb("report", "Write one self-contained HTML page"),
    "search": Verb("searches", "Search the spectra of a file against a library, without storing anything"),
    "serve": Verb("clients", "Serve the published lab over HTTP, read-only, to those who have the token"),
    "shell": Verb("sql", "Open the published lab in the DuckDB shell, read-only"),
    "sql": Verb("sql", "Run SQL on the published lab"),
    "state": Verb("history", "Keep the state of a library or study by name"),
    "tautomers": Verb("structures", "Find which analytes that searches confuse are tautomers of each other"),
    "train": Verb("train", "Train a model on the lab's libraries as CONFIG says"),
    "upgrade": Verb("labs", "Bring a lab made by an older spectradb to the current schema version"),
    "viewer": Verb("report", "Write a page that opens a lab in the browser"),
}


class _Verbs(click.Group):
    """The group of all verbs, which imports each when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the signature is click's
        return sorted(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        try:
            check_platform()
        except UnsupportedPlatform as error:
            raise click.ClickException(str(error)) from error
        if cmd_name in VERBS and cmd_name not in self.commands:
            for verb in importlib.import_module(f"spectradb.cli.verbs.{VERBS[cmd_name].module}").COMMANDS:
                self.add_command(verb)
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, f"{VERBS[name].summary}.") for name in self.list_commands(ctx)])


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="spectradb")
def main() -> None:
    """Spectradb: the SQL database for tandem mass spectra.

    A lab is one directory, or one address s3://bucket/path on object storage. Import a reference library and a study into it,
    embed their spectra, identify the study against the library; then ask lab.duckdb, with any tool that speaks DuckDB.
    """
