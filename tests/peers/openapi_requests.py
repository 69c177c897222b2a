"""Requests that schemathesis makes up from the server's OpenAPI description: `python tests/peers/openapi_requests.py LAB`.

schemathesis is installed into a folder of its own below --environments (by default one that is removed again). The lab is
served on this machine, every operation gets requests that the description allows and requests that it does not, and each answer
must be one that the description has: no failure of the server, no undocumented status or type, nothing answered without the
token. Left out is one check, that whatever fits the description is answered: "0" is text, and no statement.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import spectradb

NOT_CHECKED = "positive_data_acceptance"


def main():
    """Serve, ask, and end with the exit code of schemathesis."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("lab", help="the lab to serve")
    parser.add_argument("--examples", type=int, default=100, help="requests of each operation that are made up at random")
    parser.add_argument("--environments", type=Path, help="where its environment is, and is made")
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(asked.environments or stack.enter_context(tempfile.TemporaryDirectory())) / "schemathesis"
        program = folder / "bin" / "schemathesis"
        if not program.exists():
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
            subprocess.run([folder / "bin" / "python", "-m", "pip", "install", "--quiet", "schemathesis"], check=True)
        lab = stack.enter_context(spectradb.connect(asked.lab))
        server = stack.enter_context(lab.serve(port=0))
        scratch = stack.enter_context(tempfile.TemporaryDirectory())
        command = [program, "run", f"{server.address}/openapi.json", "--header", f"Authorization: Bearer {server.token}"]
        command += ["--max-examples", str(asked.examples), "--exclude-checks", NOT_CHECKED, "--seed", "1"]
        done = subprocess.run([str(word) for word in command], cwd=scratch, check=False, env={**os.environ, "NO_COLOR": "1"})
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
