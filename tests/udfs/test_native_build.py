"""The compiled extension: how it is built, how it loads, and that it calls the engine's functions by their right places."""

import ctypes
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import _duckdb
import duckdb
import pytest

from spectradb.errors import MissingDependency
from spectradb.udfs import native
from spectradb.udfs.native import build

UNSIGNED = {"allow_unsigned_extensions": "true"}
SOURCES = Path(build.__file__).parent
FUNCTIONS = {
    "index_fingerprint",
    "index_inner_product",
    "index_rank_analytes",
    "native_adduct_mz",
    "native_cosine_greedy",
    "native_embed_binned",
    "native_entropy_similarity",
    "native_matched_peaks",
    "native_modified_cosine",
    "native_weighted_cosine",
}


def entries():
    header = (SOURCES / "duckdb_api.h").read_text()
    return {name: int(place) for place, name in re.findall(r"^ENTRY\((\d+), [^,]+, (\w+),", header, re.MULTILINE)}


def test_footer_names_what_duckdb_looks_for():
    foot = build.footer("linux_amd64")
    assert len(foot) == 534
    assert foot[:22] == b"\x00\x93\x04\x10duckdb_signature\x80\x04"
    fields = [foot[22 + 32 * i : 54 + 32 * i].rstrip(b"\0").decode() for i in range(8)]
    assert fields == ["", "", "", "C_STRUCT", "v1", "v1.2.0", "linux_amd64", "4"]
    assert foot[278:] == bytes(256)


def test_platform_is_the_engines():
    assert duckdb.sql("PRAGMA platform").fetchall() == [(build.duckdb_platform(),)]


def test_loading_adds_the_functions(extension):
    con = duckdb.connect(config=UNSIGNED)
    native.load_extension(con)
    known = {name for (name,) in con.sql("SELECT function_name FROM duckdb_functions()").fetchall()}
    assert {name for name in known if name in FUNCTIONS or name == "rank_analytes_indexed"} == {
        *FUNCTIONS,
        "rank_analytes_indexed",
    }


def test_loading_into_several_databases_of_one_process(extension):
    for _ in range(3):
        with duckdb.connect(config=UNSIGNED) as con:
            native.load_extension(con)
            native.load_extension(con)
            found = con.sql("SELECT native_cosine_greedy([100.0], [1.0], [100.0], [2.0], 0.1, 0, 1).matched_peaks").fetchall()
            assert found == [(1,)]


def test_each_entry_has_its_place_in_the_api(extension):
    with duckdb.connect(config=UNSIGNED) as con:
        native.load_extension(con)
    copied = (ctypes.c_void_p * (max(entries().values()) + 1)).in_dll(ctypes.CDLL(str(extension)), "spectradb_api")
    engine = ctypes.CDLL(_duckdb.__file__)
    if not hasattr(engine, "duckdb_connect"):
        pytest.skip("this build of DuckDB does not show its C functions by name")
    stated = {name: copied[place] for name, place in entries().items()}
    named = {name: ctypes.cast(getattr(engine, f"duckdb_{name}"), ctypes.c_void_p).value for name in stated}
    assert len(stated) > 25
    assert stated == named


def test_the_copy_of_the_api_is_long_enough():
    header = (SOURCES / "duckdb_api.h").read_text()
    assert re.search(r"#define API_ENTRIES (\d+)", header)[1] == str(max(entries().values()) + 1)


def test_a_connection_that_takes_no_unsigned_extension_says_what_to_do(extension):
    with pytest.raises(MissingDependency, match="allow_unsigned_extensions"):
        native.load_extension(duckdb.connect())


def test_without_a_compiler_the_message_names_one(monkeypatch, tmp_path):
    monkeypatch.setattr(build.shutil, "which", lambda program: None)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert native.built_extension() is None
    with pytest.raises(MissingDependency, match=r"no C compiler was found. Install one"):
        native.build_extension()
    with pytest.raises(MissingDependency, match="spectradb native build"):
        native.load_extension(duckdb.connect())


def test_a_compiler_that_fails_is_quoted(monkeypatch, tmp_path):
    script = tmp_path / "cc"
    script.write_text("#!/bin/sh\necho out of order >&2\nexit 3\n")
    script.chmod(0o755)
    monkeypatch.setenv("CC", str(script))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with pytest.raises(MissingDependency, match="failed with code 3: out of order"):
        native.build_extension()
    assert list((tmp_path / "cache").rglob(build.EXTENSION)) == []


def test_the_shell_loads_it(extension):
    shell = Path(sys.executable).with_name("duckdb")
    if not shell.exists():
        pytest.skip("the duckdb command-line program is not installed beside Python (package duckdb-cli)")
    script = (
        f"LOAD '{extension}';\n.read {native.macro_file()}\n"
        "SELECT native_cosine_greedy([100.0, 150, 200], [0.7, 0.2, 0.1], [100.0, 140, 190], [0.4, 0.2, 0.1], 0.2, 0, 1) AS c;\n"
        "SELECT count(*) AS n FROM duckdb_functions() WHERE function_name = 'rank_analytes_indexed';\n"
    )
    done = subprocess.run([str(shell), "-unsigned", "-json"], input=script, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    first, second = done.stdout.strip().splitlines()
    assert json.loads(first) == [{"c": {"score": pytest.approx(0.831479419), "matched_peaks": 1}}]
    assert json.loads(second) == [{"n": 1}]


def test_a_package_built_with_a_compiler_carries_the_extension(extension, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(build, "_SOURCES", tmp_path / "native")
    assert native.built_extension() is None
    packaged = build.packaged_extension()
    packaged.parent.mkdir(parents=True)
    for name in (packaged.name, f"{packaged.name}.sha256"):
        shutil.copy(extension.with_name(name), packaged.with_name(name))
    monkeypatch.setattr(native, "cached_extension", lambda: tmp_path / "cache" / build.EXTENSION)
    assert native.built_extension() == packaged
    assert native.extension_status().state == "built"
    packaged.chmod(0o666)
    assert native.built_extension() is None
    packaged.chmod(0o644)
    with packaged.open("ab") as file:
        file.write(b"more")
    assert native.built_extension() is None
