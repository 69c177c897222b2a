"""The order in which macros and views are created: each after those that it uses, and the same one in every process."""

import os
import re
import subprocess
import sys

from spectradb import schemas


def test_each_comes_after_those_it_uses():
    order = [name.rpartition("/")[2] for name in schemas.creation_order("macros", "views")]
    for place, name in enumerate(schemas.creation_order("macros", "views")):
        used = set(re.findall(r"\w+", schemas.statements_only(name))) & set(order)
        assert used <= set(order[: place + 1]), name


def test_every_process_finds_the_same_order():
    # A hash of the statements in their order tells whether they are published: else each process creates all anew.
    code = "from spectradb import schemas; print(schemas.creation_order('macros', 'views'))"
    orders = {
        subprocess.run(
            [sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert orders == {f"{schemas.creation_order('macros', 'views')}\n"}
