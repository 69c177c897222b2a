"""An empty text, as of a variable of the shell that is not set, is no path."""

import click
import pytest
from click.testing import CliRunner

from spectradb.cli import main
from spectradb.cli.main import VERBS
from spectradb.errors import BadParameter


def commands():
    """Every command with the words that call it."""
    for name in VERBS:
        command = main.get_command(click.Context(main), name)
        inner = command.commands if isinstance(command, click.Group) else {}
        yield from [((name, word), subcommand) for word, subcommand in inner.items()] or [((name,), command)]


def test_all_commands_take_paths_so():
    for words, command in commands():
        for parameter in command.params:
            if isinstance(parameter.type, click.Path):
                with pytest.raises(click.BadParameter, match="names no file and no folder"):
                    parameter.type.convert("", parameter, None)
                assert str(parameter.type.convert("a.mgf", parameter, None)) == "a.mgf", words


@pytest.mark.parametrize("verb", ["import-library", "import-study"])
def test_an_empty_name_is_not_the_current_folder(tmp_path, monkeypatch, verb):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here.mgf").write_text("BEGIN IONS\nTITLE=a\nPEPMASS=195.0877\nCHARGE=1+\n138.0662 1\n110.0713 2\nEND IONS\n")
    done = CliRunner().invoke(main, [verb, "lab", "name", ""])
    assert done.exit_code == 2
    assert "an empty text names no file and no folder; write . for the current folder" in done.stderr
    assert not (tmp_path / "lab").exists()


def test_the_same_of_the_method(fresh_lab):
    for files in ("", ["a.mgf", ""]):
        with pytest.raises(BadParameter, match="an empty text names no file"):
            fresh_lab.import_study("name", files)
