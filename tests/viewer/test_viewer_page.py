"""The page as it is written: its parts, its policy, and that no text of a lab can become markup."""

import base64
import gzip
import hashlib
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from importlib import resources

import pytest
from click.testing import CliRunner

from spectradb.cli.main import main
from spectradb.errors import BadParameter
from spectradb.viewer import write
from spectradb.viewer.packages import Package

FILES = {
    "arrow": b"globalThis.Arrow = {};",
    "client": b'"use strict"; module.exports = {AsyncDuckDB: require("apache-arrow")};',
    "module": b"\0asm",
    "structures": b"globalThis.SmilesDrawer = {};",
    "worker": b"onmessage = () => 0;",
}
OWN = {file.name: file.read_text() for file in resources.files("spectradb.viewer").joinpath("script").iterdir()}


class Elements(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.scripts, self.found, self.policy = [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        stated = dict(attributes)
        self.found.append((tag, stated))
        if stated.get("http-equiv") == "Content-Security-Policy":
            self.policy = stated["content"]
        if tag == "script":
            self.scripts.append((stated, ""))

    def handle_data(self, data):
        if self.found and self.found[-1][0] == "script" and self.scripts and not self.scripts[-1][1]:
            self.scripts[-1] = (self.scripts[-1][0], data)


@pytest.fixture(scope="module")
def text():
    return write.page(FILES)


@pytest.fixture(scope="module")
def elements(text):
    return Elements(text)


def test_the_page_runs_its_own_scripts_only(elements):
    run = [content for stated, content in elements.scripts if "type" not in stated]
    hashes = {base64.b64encode(hashlib.sha256(content.encode()).digest()).decode() for content in run}
    assert len(run) == 4
    assert set(re.findall(r"'sha256-([^']+)'", elements.policy)) == hashes
    directives = dict(directive.split(" ", 1) for directive in elements.policy.split("; "))
    assert directives["default-src"] == "'none'"
    assert directives["connect-src"] == "'self' blob:"
    assert "unsafe-eval" not in directives["script-src"].replace("wasm-unsafe-eval", "")
    assert "unsafe-inline" not in directives["script-src"]


def test_the_page_asks_nobody(elements):
    addresses = [stated[name] for _, stated in elements.found for name in ("src", "href", "action") if name in stated]
    assert addresses == ["data:,"]


def test_the_policy_stands_before_all_that_it_concerns(elements):
    tags = [tag for tag, _ in elements.found]
    assert (
        tags.index("script")
        > tags.index("style")
        > [stated.get("http-equiv") for _, stated in elements.found].index("Content-Security-Policy")
    )


def test_packages_and_statements_are_in_the_page(elements):
    held = {stated["id"]: content for stated, content in elements.scripts if "id" in stated}
    assert gzip.decompress(base64.b64decode(held["module"])) == FILES["module"]
    assert gzip.decompress(base64.b64decode(held["worker"])) == FILES["worker"]
    statements = json.loads(held["statements"])
    assert statements["run_names"]["parameters"] == ["search"]
    assert "<" not in held["statements"]


def test_the_page_is_the_same_each_time(text):
    assert write.page(FILES) == text


def test_a_script_that_would_end_its_element_is_refused():
    with pytest.raises(BadParameter, match="would end"):
        write.page(FILES | {"arrow": b'"</script>"'})


def test_every_file_of_the_script_is_used_once():
    assert sorted(OWN) == sorted(f"{name}.js" for name in write.SCRIPT)


@pytest.mark.parametrize("name", sorted(OWN))
def test_text_of_a_lab_never_becomes_markup_or_script(name):
    markup = r"(inner|outer|insertAdjacent|set)HTML|document\.write|DOMParser|createContextual|\beval\b|new Function|srcdoc"
    assert re.findall(markup, OWN[name]) == []


def test_the_script_is_javascript(tmp_path):
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node")
    script = tmp_path / "own.js"
    script.write_text(write.own_script())
    checked = subprocess.run([node, "--check", script], capture_output=True, text=True, check=False)
    assert checked.stderr == ""


@pytest.fixture
def made_up(monkeypatch):
    package = Package("made-up", "1.0.0", "MIT", "sha512-", {})
    monkeypatch.setattr(write, "packages", lambda: (package,))
    monkeypatch.setattr(write, "package_files", lambda used, **where: FILES)


@pytest.mark.parametrize("form", [[], ["--json"], ["-q"]])
def test_the_verb_writes_the_page(made_up, tmp_path, form):
    out = tmp_path / "new" / "page.html"
    done = CliRunner().invoke(main, ["viewer", "--out", str(out), *form])
    assert (done.exit_code, out.read_text()) == (0, write.page(FILES))
    if form == ["--json"]:
        said = json.loads(done.stdout)
        assert (said["path"], said["n_bytes"], said["packages"]) == (str(out), out.stat().st_size, ["made-up 1.0.0 (MIT)"])
    elif form:
        assert done.stdout == ""
    else:
        assert done.stdout.splitlines()[1:] == [
            "contains made-up 1.0.0 (MIT)",
            "open it in a browser and drop a lab.duckdb on it",
        ]


def test_a_folder_gets_viewer_html(made_up, tmp_path):
    written = write.write_viewer(tmp_path)
    assert written.path == str(tmp_path / "viewer.html")
    assert [file.name for file in tmp_path.iterdir()] == ["viewer.html"]


def test_a_place_that_cannot_be_written_is_said(made_up, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(BadParameter, match=r"cannot write the page: .*Choose another place with --out"):
        write.write_viewer(tmp_path / "file" / "page.html")


def test_the_verb_says_what_is_missing(tmp_path):
    done = CliRunner().invoke(main, ["viewer", "--out", str(tmp_path / "page.html"), "--assets", str(tmp_path)])
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: @duckdb/duckdb-wasm 1.32.0 is not among")
    assert list(tmp_path.iterdir()) == []
