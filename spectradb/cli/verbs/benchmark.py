"""The verb that compares methods by a protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from spectradb.benchmarks.method_searches import comparable_methods
from spectradb.benchmarks.protocols import PROTOCOLS
from spectradb.cli.lab_argument import LAB
from spectradb.cli.output import show, speaking
from spectradb.cli.path_type import PATH
from spectradb.facade.lab import connect
from spectradb.search.spec import DEFAULT_FRAGMENT_TOLERANCE_DA, DEFAULT_PPM

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@LAB
@click.argument("protocol", type=click.Choice(PROTOCOLS))
@click.option("--library", required=True, help="The library to compare with.")
@click.option("--study", help="Where the queries come from. Default: the library itself, each query's contributor left out.")
@click.option("--contributor", "contributors", multiple=True, help="Ask only the spectra of this contributor; may be repeated.")
@click.option(
    "--method",
    "methods",
    multiple=True,
    help=f"A model, or a method of identify: {', '.join(comparable_methods())}; may be repeated. Default: all models, the "
    "usual scores, merged and refined by the default model, fused where calibrated.",
)
@click.option("--name", help="Name of the benchmark; one of that name is replaced. Default: of protocol, study and library.")
@click.option("--ppm", default=DEFAULT_PPM, show_default=True, help="Half-width of the precursor window in ppm.")
@click.option(
    "--fragment-tolerance",
    "fragment_tolerance_da",
    default=DEFAULT_FRAGMENT_TOLERANCE_DA,
    show_default=True,
    help="Tolerance in Da, as for identify.",
)
@click.option("--resamples", default=1000, show_default=True, help="Samples for confidence intervals.")
@click.option("--seed", default=0, show_default=True, help="Seed of those samples.")
@click.option("--mces", is_flag=True, help="retrieval: compute the MCES distances of wrong answers, which can take long.")
@click.option("--min-analytes", default=2, show_default=True, help="isomers: least number of isomers in a group.")
@click.option("--min-spectra", default=3, show_default=True, help="isomers: least number of answerable queries of each isomer.")
@click.option("--column", default="dilution", show_default=True, help="dilution: column of the sample table that tells it.")
@click.option(
    "--undiluted", help="dilution: its value undiluted. Default: the lowest dilution, of another column the highest number."
)
@click.option(
    "--truth",
    type=PATH,
    help="dilution: table with the analytes of the sample (analyte_id or inchikey). Default: what all methods find undiluted.",
)
@click.option("--reference-score", default=0.7, show_default=True, help="dilution: least score of what is found undiluted.")
@click.option("--reference-peaks", default=3, show_default=True, help="dilution: least matched peaks of it.")
@click.option("--reference-runs", default=2, show_default=True, help="dilution: in how many undiluted runs it must be found.")
@click.option("--molecules", default=600, show_default=True, help="analogues: molecules to take out of the library.")
@click.option("--spectra-per-molecule", default=3, show_default=True, help="analogues: queries of each and ion mode, at most.")
@click.option(
    "--half",
    default="all",
    show_default=True,
    help="analogues: which molecules: all, or the fixed half for choosing settings (choosing) or judging them (judging).",
)
@click.option(
    "--distances", default=0, show_default=True, help="analogues: queries whose answers get their MCES distance to the truth."
)
@click.option("--baseline", default="weighted_cosine", show_default=True, help="dilution: what others are compared with.")
@speaking
def benchmark(lab: Path, protocol: str, *, as_json: bool, quiet: bool, **options: Any) -> None:  # noqa: ANN401 - as declared above
    """Compare methods by the PROTOCOL retrieval, isomers, dilution or analogues, into benchmarks and benchmark_results."""
    opened = connect(lab)
    show(opened.benchmark(protocol, **options), as_json=as_json, quiet=quiet, path=opened.published)


COMMANDS = (benchmark,)
