"""What one DuckDB client answers: `python duckdb_probe.py LAB.DUCKDB PROBES.JSON`, where it and nothing else is installed.

PROBES.JSON holds an object of statements by name. Printed is an object of their answers: the rows, or ``error: `` and the
client's words; a statement that takes longer than a minute is given up.
"""

import datetime as dt
import json
import math
import sys
import threading

import duckdb

SECONDS = 60


def told(value):
    """Spell a value so that clients that return it in types of their own agree."""
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {str(key): told(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [told(one) for one in value]
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def answer(con, statement):
    """Return the rows of a statement, or why there are none."""
    limit = threading.Timer(SECONDS, con.interrupt)
    limit.start()
    try:
        rows = con.execute(statement).fetchall()
    except (duckdb.Error, RuntimeError) as error:  # old versions interrupt by an error of Python's
        if limit.is_alive():
            return f"error: {str(error).partition(chr(10))[0]}"
        return f"error: no answer within {SECONDS} s"
    finally:
        limit.cancel()
    return [told(row) for row in rows]


if __name__ == "__main__":
    path, probes = sys.argv[1:]
    try:
        con = duckdb.connect(path, read_only=True)
    except duckdb.Error as error:
        print(json.dumps({"open": f"error: {str(error).partition(chr(10))[0]}"}))
        raise SystemExit from None
    with open(probes, encoding="utf-8") as file:  # noqa: PTH123 - nothing but what every version of Python and DuckDB has
        statements = json.load(file)
    print(json.dumps({"open": [[]]} | {name: answer(con, statement) for name, statement in statements.items()}))
