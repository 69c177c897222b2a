"""Every command has help, is a method of the lab, and speaks as it is asked to: in lines, in JSON, or not at all."""

import inspect
import json
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner
from exported_models import write_torchscript
from tiny_lab import write_files

from spectradb.cli import main
from spectradb.cli.main import VERBS
from spectradb.facade.lab import Lab


def _all_commands():
    """Every command by the words that call it, those of groups as well; the groups themselves apart."""
    commands, groups = {}, {}
    for name in VERBS:
        command = main.get_command(click.Context(main), name)
        if isinstance(command, click.Group):
            groups[name] = command
            commands |= {f"{name} {inner}": subcommand for inner, subcommand in command.commands.items()}
        else:
            commands[name] = command
    return commands, groups


COMMANDS, GROUPS = _all_commands()

# Methods of another name than their command: a search of a file is a method beside the search of one spectrum.
METHODS = {"search": "search_file", "plot": "plot_hit", "model list": "models", "model show": "model"} | {
    f"model {verb}": f"{verb}_model" for verb in ("add", "download", "remove", "trust")
}
METHODS |= {"state list": "states", "state changes": "state_changes", "state keep": "keep_state", "state drop": "drop_state"}

# No methods: connect(create=True) makes a lab, macros are the same for all labs (spectradb.extend), the shell is a program of
# its own, the demo makes its lab itself, the native extension belongs to the machine, and the viewer opens any lab.
WITHOUT_METHOD = {"init", "macros", "shell", "demo", "native build", "native status", "viewer"}

# Called elsewhere: calibrating takes more spectra than these (tests/search/test_calibration.py), the demonstration has
# tests/demo, downloads need a server (tests/models), the viewer contains packages of others (tests/viewer), and what serves
# ends by a signal (tests/server); the shell and the compiler are called at the end of this file.
CALLED_ELSEWHERE = {"calibrate", "demo", "import-features", "model download", "native build", "serve", "shell", "viewer"}

# In this order each finds what it needs; {lab} and {files} are directories.
CALLS = {
    "init": ["{lab}"],
    "import-library": ["{lab}", "reference", "{files}/reference.msp"],
    "import-study": ["{lab}", "kitchen", "{files}/coffee_1.mgf", "{files}/lemon_1.mgf", "--samples", "{files}/samples.csv"],
    "embed": ["{lab}"],
    "identify": ["{lab}", "--study", "kitchen", "--library", "reference", "--name", "first"],
    "search": ["{lab}", "{files}/coffee_1.mgf", "--library", "reference", "--ion-mode", "positive"],
    "plot": ["{lab}", "--query", "coffee:1", "--search", "first", "--rank", "2", "--out", "{files}/hit.svg"],
    "reannotate": ["{lab}", "kitchen", "reference"],
    "state keep": ["{lab}", "reference", "may"],
    "state list": ["{lab}"],
    "state changes": ["{lab}", "may"],
    "state drop": ["{lab}", "may"],
    "aggregate": ["{lab}", "--study", "kitchen", "--method", "codebook"],
    "classify": ["{lab}", "--study", "kitchen", "--target", "cups", "--regress", "--splits", "leave-one-out"],
    "project": ["{lab}", "--study", "kitchen", "--by", "pca"],
    "network": ["{lab}", "reference", "--min-matched-peaks", "2", "--out", "{files}/network.graphml"],
    "compare-methods": ["{lab}", "--study", "kitchen", "--target", "sample_group", "--by", "sample_type"],
    "macros": ["--catalog", "attached"],
    "markers": ["{lab}", "--study", "kitchen", "--target", "sample_group"],
    "refine": ["{lab}", "reference", "{files}/refined.parquet"],
    "dashboard": ["{lab}", "--out", "{files}/dashboard.html"],
    "report": ["{lab}", "--out", "{files}/report.html"],
    "massql": ["{lab}", "QUERY scaninfo(MS2DATA) WHERE MS2PROD=86.0964:TOLERANCEMZ=0.01"],
    "sql": ["{lab}", "SELECT name, n_spectra FROM libraries"],
    "train": ["{lab}", "{files}/short.toml", "--out", "{files}/run", "--threads", "1"],
    "export": ["{lab}", "identifications", "{files}/found.csv"],
    "info": ["{lab}"],
    "publish": ["{lab}"],
    "upgrade": ["{lab}"],
    "clean": ["{lab}"],
    "confident": ["{lab}", "score >= 0.5"],
    "cluster": ["{lab}", "kitchen"],
    "benchmark": ["{lab}", "retrieval", "--study", "kitchen", "--library", "reference", "--method", "binned", "--seed", "1"],
    "mces": ["{lab}", "first", "--workers", "1"],
    "tautomers": ["{lab}", "first"],
    "model add": ["{lab}", "theirs", "{files}/theirs.pt", "--trust"],
    "model list": ["{lab}"],
    "model show": ["{lab}", "theirs"],
    "model trust": ["{lab}", "theirs"],
    "model remove": ["{lab}", "theirs"],
    "remove": ["{lab}", "study", "kitchen"],
    "native status": [],
}

FORMS = [[], pytest.param(["--json"], marks=pytest.mark.long), pytest.param(["-q"], marks=pytest.mark.long)]
NAMES = ["lines", "json", "quiet"]


def _invoke(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


@pytest.fixture(scope="module", params=FORMS, ids=NAMES)
def results(request, tmp_path_factory):
    """What each command gave in one form, and the form."""
    files = tmp_path_factory.mktemp("files")
    write_files(files)
    write_torchscript(files / "theirs.pt")
    (files / "short.toml").write_text('name = "short"\n[split]\nunseen_share = 0.0\n[optimisation]\nn_steps = 1\n')
    lab = tmp_path_factory.mktemp("cli") / "lab"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_CONFIG_HOME", str(files / "config"))  # where trust in models is kept
        called = {
            name: _invoke(*name.split(), *(text.format(lab=lab, files=files) for text in arguments), *request.param)
            for name, arguments in CALLS.items()
        }
    return "".join(request.param), called


def test_all_commands_are_called():
    assert set(CALLS) | CALLED_ELSEWHERE == set(COMMANDS)
    assert set(GROUPS) == {"model", "native", "state"}


@pytest.mark.parametrize("name", CALLS)
def test_command_speaks_as_asked(results, name):
    form, called = results
    result = called[name]
    assert result.exit_code == 0
    # A search says on standard error how much of the file it searched, so that standard output is the result and nothing else.
    said = "4 spectra read, 4 searched, 4 with a candidate\n" if name == "search" and form != "-q" else ""
    if name == "train" and form != "-q":  # Its log has the time in front of each line.
        said = result.stderr
        assert [line.partition(" training ")[2] for line in said.splitlines()][:1] == ["short on 8 spectra, 1 steps"]
    assert result.stderr == said
    _check_form(result, form)


def _check_form(result, form):
    if form == "-q":
        assert result.stdout == ""
    elif form == "--json":
        json.loads(result.stdout)
        assert result.stdout.count("\n") == 1
    else:
        assert result.stdout.strip()


def test_json_tells_what_lines_tell(results):
    form, called = results
    texts = {name: result.stdout for name, result in called.items()}
    if form == "--json":
        told = {name: json.loads(text) for name, text in texts.items()}
        assert (told["import-library"]["read"], told["import-library"]["kept"]) == (10, 9)
        assert told["import-library"]["dropped"] == {"no_structure": 1}
        assert told["import-study"]["kept"] == 7
        assert told["embed"]["embedded"] == 16
        assert told["identify"]["n_queries"] == 7
        assert told["sql"] == [{"name": "reference", "n_spectra": 9}]
        assert (told["train"]["model"], told["train"]["spectra"]) == ("short", 8)
        assert (told["export"]["rows"], told["export"]["searches"]) == (told["identify"]["n_answered"], ["first"])
        assert (told["plot"]["name"], told["plot"]["rank"]) == ("L-Isoleucine", 2)
        assert told["confident"]["rule"] == "score >= 0.5"
        assert (told["refine"]["n_refined"], told["refine"]["dimension"]) == (9, 512)
        assert told["upgrade"]["before"] == told["upgrade"]["after"]
        assert {row["query"] for row in told["search"]} == {row["query"] for row in told["search"] if row["rank"] == 1}
        assert [row["name"] for row in told["info"]["studies"]] == ["kitchen"]
        assert (told["model add"]["name"], told["model add"]["kind"]) == ("theirs", "torchscript")
        assert {card["name"] for card in told["model list"]} == {
            "binned",
            "spectradb_analogue",
            "spectradb_base",
            "spectradb_small",
            "theirs",
        }
        assert told["model show"] == told["model add"]
        assert len(told["model trust"].pop("sha256")) == 64
        assert (told["model trust"], told["model remove"]) == ({"name": "theirs"}, {"removed": "theirs"})
        assert told["native status"]["state"] == "not built"
    elif form == "":
        assert "library reference: 10 spectra read from 1 file, 9 kept, 1 dropped\n" in texts["import-library"]
        assert "no_structure" in texts["import-library"]
        assert texts["import-study"].endswith("lab.duckdb\n")
        assert "binned: 16 spectra embedded" in texts["embed"]
        assert "search first: 7 spectra of kitchen against reference" in texts["identify"]
        assert "caffeine" in texts["search"].lower()
        assert "short: trained on 8 spectra of 5 analytes" in texts["train"]
        assert "libraries: reference: 9 spectra" in texts["info"]
        assert texts["model add"].startswith("theirs: torchscript, 6 dimensions, ")
        assert texts["model add"].splitlines()[0] in texts["model list"].splitlines()
        assert texts["model show"].startswith("theirs: torchscript, 6 dimensions, ")
        assert texts["model trust"].startswith("theirs may run: ")
        assert texts["model remove"] == "theirs removed\n"
        assert texts["native status"].startswith("native extension: not built: ")
    else:
        assert set(texts.values()) == {""}


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_command_has_help(name):
    result = _invoke(*name.split(), "--help")
    assert result.exit_code == 0
    command = COMMANDS[name]
    assert command.help
    assert command.help.splitlines()[0] in " ".join(result.stdout.split())
    options = [p for p in command.params if isinstance(p, click.Option)]
    assert [option.name for option in options if not option.help] == []
    assert {"as_json", "quiet"} <= {option.name for option in options}
    assert _invoke(*name.split(), "-h").stdout == result.stdout


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - WITHOUT_METHOD))
def test_command_is_a_method(name):
    method = getattr(Lab, METHODS.get(name, name.replace("-", "_")))
    assert inspect.getdoc(method)
    told = {p.name for p in COMMANDS[name].params} - {"lab", "as_json", "as_csv", "explain", "quiet"}
    # Several options each say something of one parameter.
    renamed = {"max_peaks": "recipe", "min_relative_intensity": "recipe", "open_search": "ppm", "any_rt": "rt_window_s"}
    renamed |= {**dict.fromkeys(("rows", "seconds", "memory_mb"), "limits"), "token_file": "token"}
    assert {renamed.get(option, option) for option in told} <= set(inspect.signature(method).parameters)


def test_excepted_commands_are_no_methods():
    assert [name for name in WITHOUT_METHOD if hasattr(Lab, name.replace(" ", "_"))] == []
    # One is named for what a lab does with a spectrum as well.
    assert inspect.getdoc(Lab.search)


@pytest.mark.parametrize("group", [None, *GROUPS])
def test_group_lists_all_commands(group):
    shown = _invoke(*filter(None, [group]), "--help").stdout.partition("Commands:")[2]
    listed = {line.split()[0] for line in shown.splitlines() if line.strip()}
    assert set(GROUPS[group].commands if group else VERBS) <= listed


def test_version():
    assert _invoke("--version").stdout.startswith("spectradb, version ")


@pytest.mark.parametrize(("form", "shown"), [([], True), (["--json"], True), (["-q"], False)], ids=["table", "json", "quiet"])
def test_shell_is_duckdb_on_the_published_lab_read_only(tiny_lab, form, shown):
    def shell(statement):
        call = [sys.executable, "-c", "from spectradb.cli import main; main()", "shell", tiny_lab.path, *form]
        return subprocess.run([*map(str, call), "--", "-c", statement], capture_output=True, text=True, check=False)

    asked = shell("SELECT name FROM libraries")
    assert asked.returncode == 0
    assert ("reference" in asked.stdout) is shown
    if form == ["--json"]:
        assert json.loads(asked.stdout) == [{"name": "reference"}]
    refused = shell("DELETE FROM hits")
    assert refused.returncode != 0
    assert "read-only" in refused.stderr


@pytest.mark.parametrize("form", FORMS, ids=NAMES)
def test_building_the_extension_speaks_as_asked(extension, form):
    result = _invoke("native", "build", *form)
    assert (result.exit_code, result.stderr) == (0, "")
    _check_form(result, "".join(form))
    if form == ["--json"]:
        told = json.loads(result.stdout)
        assert (told["path"], told["state"]) == (str(extension), "built")
