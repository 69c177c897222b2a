"""The example of the page on storage of a lab on object storage does what it says."""

import re
import shlex
from pathlib import Path

from click.testing import CliRunner

from spectradb.cli import main

TEXT = (Path(__file__).parents[2] / "spectradb" / "store" / "README.md").read_text(encoding="utf-8")


def test_the_example_of_the_page(s3, demo_directory, monkeypatch, tmp_path):
    s3.make_bucket("our-lab")
    (tmp_path / "reference.msp").write_bytes((demo_directory / "library.msp").read_bytes())
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```sh\n(.*?)\n```$", TEXT, re.MULTILINE | re.DOTALL)
    (block,) = [block for block in blocks if "s3://" in block]
    export, *commands = block.splitlines()
    assert export.startswith("export AWS_ACCESS_KEY_ID=")  # as the fixture does
    printed = [
        CliRunner().invoke(main, shlex.split(command, comments=True)[1:], catch_exceptions=False) for command in commands
    ]
    assert [result.exit_code for result in printed] == [0, 0, 0]
    assert "library reference: 900 spectra read from 1 file, 900 kept, 0 dropped" in printed[0].output
    assert "binned: 900 spectra embedded in 512 dimensions" in printed[1].output
    assert re.search(r"reference.*900", printed[2].output)
