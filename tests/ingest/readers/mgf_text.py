"""MGF that tests write and read."""

from spectradb.ingest.readers import mgf
from spectradb.ingest.readers.raw import RAW_SCHEMA, Problems


def read_text(tmp_path, text, *, name="x.mgf"):
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    problems = Problems()
    batches = list(mgf.read(path, problems))
    assert all(batch.schema == RAW_SCHEMA for batch in batches)
    return [row for batch in batches for row in batch.to_pylist()], problems.found
