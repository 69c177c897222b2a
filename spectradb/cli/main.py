"""The ``spectradb`` command and its verbs."""

from __future__ import annotations

import click

from spectradb import __version__
from spectradb.cli import (
    benchmark_verb,
    calibrate_verb,
    demo_verb,
    import_verbs,
    lab_verbs,
    model_verbs,
    native_verbs,
    report_verb,
    sample_verbs,
    search_verbs,
    sql_verbs,
    structure_verbs,
    train_verb,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="spectradb")
def main() -> None:
    """Spectradb: the SQL database for tandem mass spectra.

    A lab is one directory. Import a reference library and a study into it, embed their spectra, identify the study against the
    library; then ask lab.duckdb, with any tool that speaks DuckDB.
    """


for module in (
    lab_verbs,
    import_verbs,
    search_verbs,
    calibrate_verb,
    benchmark_verb,
    sample_verbs,
    report_verb,
    structure_verbs,
    model_verbs,
    native_verbs,
    sql_verbs,
    train_verb,
    demo_verb,
):
    for verb in module.COMMANDS:
        main.add_command(verb)
