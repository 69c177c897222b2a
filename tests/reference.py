"""The parts of the pages of documentation that follow from the code, and the outputs of their examples.

``python tests/reference.py --write`` renews both. Generated parts stand between the lines ``<!-- generated: NAME -->`` and
``<!-- end of NAME -->``; examples are what ``page_examples`` finds.
"""

import re
import sys
import tempfile
from pathlib import Path

import click
import page_examples
from page_parts import markdown_table, with_parts
from reference_calls.every_call import CALLS

from spectradb import schemas
from spectradb.cli import main
from spectradb.cli.main import VERBS
from spectradb.demo.run import run_demo
from spectradb.facade.lab import connect
from spectradb.ingest.fields.drop_reasons import REASONS
from spectradb.ingest.readers.formats import READERS
from spectradb.ingest.readers.raw import RAW_SCHEMA
from spectradb.udfs.registry import FUNCTIONS, embed_functions

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "tests" / "speed"))

import figures  # noqa: E402 - of a folder that is no part of the suite

#: The pages, in the order in which their examples run, all in one directory: the later ones ask what the earlier ones made.
PAGES = (
    "README.md",
    "spectradb/ingest/README.md",
    "spectradb/embedders/README.md",
    "spectradb/training/README.md",
    "examples/README.md",
    "spectradb/benchmarks/README.md",
    "spectradb/search/README.md",
    "spectradb/networks/README.md",
    "spectradb/massql/README.md",
    "spectradb/samples/README.md",
    "spectradb/report/README.md",
    "spectradb/dashboard/README.md",
    "spectradb/viewer/README.md",
    "spectradb/server/README.md",
    "spectradb/store/README.md",
    "schemas/README.md",
    "schemas/tables/README.md",
    "schemas/views/README.md",
    "schemas/macros/README.md",
    "udfs/README.md",
    "spectradb/cli/README.md",
    "tests/speed/README.md",
    "tests/peers/README.md",
    "spectradb/clusters/README.md",  # its searches would be the latest of the pages behind it
)


def sections(con):
    """Generate every part. Takes a connection to a demo lab, returns a dict of names to Markdown."""
    return {
        "formats": formats(),
        "columns of a SELECT": select_columns(),
        "commands": commands(),
        "tables": relations(con, "tables"),
        "views": relations(con, "views"),
        "macros": macros(),
        "functions": functions(),
        "reasons": reasons(),
        **figures.parts(),
    }


def formats():
    rows = [[reader.name, ", ".join(f"`{suffix}`" for suffix in reader.suffixes)] for reader in READERS.values()]
    return markdown_table(["format", "file names end in (or that with `.gz`)"], rows)


def select_columns():
    inner = ("place", "is_profile")
    rows = [[f"`{field.name}`", re.sub(r"list<item: (\w+)>", r"list of \1", str(field.type))] for field in RAW_SCHEMA]
    return markdown_table(["column", "type"], [row for row in rows if row[0].strip("`") not in inner])


def commands():
    whole = click.Context(main, info_name="spectradb", **main.context_settings)
    verbs = {name: main.get_command(whole, name) for name in sorted(VERBS)}
    return "\n\n".join(part for name, command in verbs.items() for part in command_parts(name, command, whole))


def command_parts(name, command, parent):
    context = click.Context(command, info_name=name, parent=parent)
    usage = command.get_usage(context).removeprefix("Usage: ")
    options = [p for p in command.params if isinstance(p, click.Option) and p.name not in ("as_json", "quiet")]
    rows = [[f"`{names}`", " ".join(text.split())] for names, text in (p.get_help_record(context) for p in options)]
    table = f"\n\n{markdown_table(['option', 'meaning'], rows)}" if rows else ""
    yield f"## `{' '.join(usage.split())}`\n\n{command.help}{table}"
    if isinstance(command, click.Group):
        for inner, subcommand in sorted(command.commands.items()):
            yield from command_parts(inner, subcommand, context)


def relations(con, kind):
    if kind == "tables":
        found = con.sql("SELECT table_name, comment FROM duckdb_tables() WHERE database_name = 'lab' ORDER BY 1").fetchall()
    else:
        found = con.sql(
            "SELECT view_name, comment FROM duckdb_views() WHERE database_name = 'lab' AND schema_name = 'main' ORDER BY 1"
        ).fetchall()
    parts = []
    for name, comment in found:
        rows = [[f"`{column}`", kind, text] for column, kind, text in columns(con, name)]
        parts.append(f"## `{name}`\n\n{comment}.\n\n{markdown_table(['column', 'type', 'meaning'], rows)}")
    return "\n\n".join(parts)


def columns(con, name):
    """Columns of a table or view with types and comments; a view's column without one has that of its table."""
    query = """
    SELECT column_name, data_type, comment FROM duckdb_columns()
    WHERE database_name = 'lab' AND schema_name = 'main' AND table_name = $name ORDER BY column_index
    """
    found = con.execute(query, {"name": name}).fetchall()
    if view := next((file for file in schemas.names("views") if file.endswith(f"/{name}")), None):
        bases = re.findall(r"(?:FROM|JOIN) (\w+)", schemas.statements_only(view))
        inherited = {column: text for base in reversed(bases) for column, _, text in columns(con, base) if text}
        found = [(column, kind, text or inherited.get(column)) for column, kind, text in found]
    return found


def macros():
    parts, topic = [], None
    kinds = {file: macro_comment(file).partition(": ")[::2] for file in schemas.names("macros")}
    topics = {file: "macros that others are made of" if kinds[file][0] == "Internal" else file.split("/")[1] for file in kinds}
    current = [file for file, (kind, _) in kinds.items() if kind != "Deprecated"]
    for file in sorted(current, key=lambda file: (kinds[file][0] == "Internal", topics[file], file.rpartition("/")[2])):
        header = [line.removeprefix("--").strip() for line in schemas.read(file).splitlines() if line.startswith("--")]
        what, parameters, gives = re.fullmatch(
            r"(.*?) Inputs: .*? Parameters: (.*?) Columns: (.*)", " ".join(filter(None, header))
        ).groups()
        gives = re.split(r" (?=The join is )", gives)[0]
        name = file.rpartition("/")[2]
        if topics[file] != topic:
            topic = topics[file]
            parts.append(f"**{topic.capitalize()}**")
        pattern = rf"MACRO ({name}\(.*?\)) AS( TABLE)?\b"
        signature, of_rows = re.search(pattern, schemas.statements_only(file), re.DOTALL).groups()
        signature = re.sub(r"\(\s+", "(", re.sub(r"\s+\)", ")", re.sub(r"\s+", " ", signature)))
        gives = f"- Columns: {gives}" if of_rows else "- Value: " + re.sub(r"^(a scalar|none; the value is)[:.]? ?", "", gives)
        about = f"{what}\n\n- Parameters: {parameters}\n{gives}".replace("<", "&lt;")
        parts.append(f"## `{signature}`\n\n{about}\n\n{call(name)}")
    former = [
        [f"`{file.rpartition('/')[2]}`", f"`{remedy.removeprefix('call ')}`"]
        for file, (kind, remedy) in kinds.items()
        if kind == "Deprecated"
    ]
    return "\n\n".join(
        [*parts, "**Former names, until the next version of the schema**", markdown_table(["name", "call"], former)]
    )


def macro_comment(file):
    """What a macro says of itself: after Internal, where it only serves others; after Deprecated, where it is a former name."""
    return re.search(r"COMMENT ON MACRO (?:TABLE )?\w+ IS\s+'(.*)';", schemas.statements_only(file), re.DOTALL)[1]


def functions():
    parts = []
    for function in (*FUNCTIONS, *embed_functions()):
        arguments = ", ".join(f"{name} {kind}" for name, kind in function.parameters)
        signature = f"{function.name}({arguments}) → {function.returns}"
        parts.append(f"## `{signature}`\n\n{function.comment[0].upper()}{function.comment[1:]}.\n\n{call(function.name)}")
    return "\n\n".join(parts)


def call(name):
    return f"```sql\n{CALLS[name].strip()};\n```\n\n```text\n```"


def reasons():
    return markdown_table(
        ["reason", "what was found", "what to do"], [[f"`{name}`", *reason] for name, reason in REASONS.items()]
    )


def write():
    """Renew the generated parts of all pages and the outputs of their examples."""
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder) / "spectradb-demo"
        run_demo(directory, tell=lambda line: None)
        with connect(directory / "lab") as lab:
            parts = sections(lab.connection())
        for page in PAGES:
            text = with_parts((ROOT / page).read_text(encoding="utf-8"), parts, page)
            (ROOT / page).write_text(page_examples.with_outputs(text, Path(folder), page), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit("usage: python tests/reference.py --write")
    write()
