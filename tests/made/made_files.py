"""Small spectrum files made up for a test, and published labs as rows that can be compared."""

import duckdb

# Columns that tell when something was done or by which state of the record, not what.
_CIRCUMSTANCES = {"started", "finished", "created", "published", "state", "record_version"}
# The numbers that a file gives to spectra are its own: what they stand for is compared.
_NUMBERED = {name: f"{name} JOIN peak_spectra USING (spectrum_number)" for name in ("peak_index", "loss_index")}
_NUMBERS = {"spectrum_number"}


def peaks(seed, n=5):
    """Peaks that no other seed has."""
    return [(60 + 37 * i + seed * 0.01, 100.0 + (seed * 7 + i * 13) % 50) for i in range(n)]


def entry(name=None, *, seed=0, precursor_mz=200.0, smiles="CCO", ion_mode="positive", n_peaks=5, **fields):
    """One MGF entry; without a name it has no identifier."""
    stated = {"SPECTRUMID": name, "PEPMASS": precursor_mz, "SMILES": smiles, "IONMODE": ion_mode} | fields
    lines = [f"{key}={value}" for key, value in stated.items() if value is not None]
    lines += [f"{mz:.4f} {height}" for mz, height in peaks(seed, n_peaks)]
    return "\n".join(["BEGIN IONS", *lines, "END IONS", ""])


def write_mgf(path, *entries):
    """Write entries to an MGF file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(entries))
    return path


def numbered(path, n, *, prefix="S", first=0, **fields):
    """Write an MGF file of n different spectra of a dozen alcohols."""
    entries = (
        entry(f"{prefix}{i}", seed=i, precursor_mz=100 + (i % 400) + 0.1, smiles="C" * (1 + i % 12) + "O", **fields)
        for i in range(first, first + n)
    )
    return write_mgf(path, *entries)


def published_rows(path):
    """All rows of all tables of a published lab, without what tells only when they were written."""
    with duckdb.connect(":memory:") as con:
        con.execute(f"ATTACH '{path}' AS lab (READ_ONLY)")
        con.execute("USE lab")
        tables = con.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = 'lab' AND table_name != 'publications' ORDER BY ALL"
        ).fetchall()
        rows = {}
        for (table,) in tables:
            relation = con.table(table)
            rest = ["spectrum_id"] if table in _NUMBERED else []
            columns = sorted({*relation.columns, *rest} - _CIRCUMSTANCES - _NUMBERS)
            chosen = ", ".join(f'"{column}"' for column in columns)
            found = con.execute(f"SELECT {chosen} FROM {_NUMBERED.get(table, table)}").fetchall()
            if table == "properties":
                found = [row for row in found if "created" not in row]
            rows[table] = (columns, sorted(found, key=repr))
    return rows


def one(lab, query):
    """The rows of a query, single columns without their tuples."""
    return [row[0] if len(row) == 1 else row for row in lab.sql(query).fetchall()]


def dropped(report):
    return {reason: n for reason, n, _ in report.by_reason("dropped")}
