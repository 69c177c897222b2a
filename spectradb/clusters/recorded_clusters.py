"""Clusterings in the record: which there is of a study, and how one takes the place of another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from spectradb.errors import CollectionExists
from spectradb.ingest.collection_state import check_collection, remove_killed_imports
from spectradb.ingest.spectra_writer import SpectraWriter
from spectradb.store.record_schema import table_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spectradb.clusters.spectra_of_clusters import Stored
    from spectradb.ingest.spectra.peaks import PeakRecipe
    from spectradb.store.record import Record


def row_of_clustering(record: Record, study: str, into: str, recipe: PeakRecipe) -> dict[str, Any] | None:
    """Find the clustering whose place another one takes.

    Parameters
    ----------
    record : Record
        The lab's record, without what killed imports left in ``into``.
    study : str
        Whose spectra are clustered.
    into : str
        Name of the study of what stands for the clusters.
    recipe : PeakRecipe
        How the peaks of the study were cleaned.

    Returns
    -------
    dict or None
        Its row of ``clusterings``; None: there is none, and nothing else of the name.

    Raises
    ------
    CollectionExists
        If the name is that of spectra that no clustering of the study made.
    """
    check_collection(record, into, "studies", recipe)
    where = f"collection = '{into}'"
    imports = record.read("imports", columns=["import_id"], where=where)["import_id"].to_pylist()
    made = {row["import_id"]: row for row in record.read("clusterings", where=f"clustering = '{into}'").to_pylist()}
    if len(imports) > 1 or any(import_id not in made for import_id in imports):
        raise CollectionExists(f"the study {into} has spectra that were imported. Give another name with --into.")
    found = next((made[import_id] for import_id in imports), None)
    if found is not None and found["study"] != study:
        raise CollectionExists(f"{into} has the clusters of {found['study']}. Give another name with --into.")
    return found


def record_clusters(record: Record, columns: Mapping[str, Any], stored: Stored, recipe: PeakRecipe, *, replaces: bool) -> None:
    """Record a clustering; it counts, and the one before does no more, once all of it is written.

    Parameters
    ----------
    record : Record
        The lab's record.
    columns : mapping of str to object
        The row of ``clusterings``.
    stored : Stored
        Its spectra and members.
    recipe : PeakRecipe
        How their peaks were cleaned.
    replaces : bool
        Whether there is one before.
    """
    into, import_id, created = columns["clustering"], columns["import_id"], columns["created"]
    writer = SpectraWriter(record)
    place = stored.spectra.schema.get_field_index("import_id")
    writer.add(stored.spectra.set_column(place, "import_id", _repeated(import_id, stored.spectra.num_rows)))
    writer.finish_file()
    writer.commit()
    # What a killed process leaves of members is found by way of this row.
    record.append("clusterings", _row("clusterings", columns))
    record.append("cluster_members", stored.members.append_column("import_id", _repeated(import_id, stored.members.num_rows)))
    origin = f"spectra of the clusters of {columns['study']}"
    named = {"name": into, "origin": origin, "licence": None, "peak_recipe": recipe.to_json(), "created": created}
    record.insert_new("studies", "name", _row("studies", named))
    done = {
        "import_id": import_id,
        "collection": into,
        "kind": "study",
        "started": created,
        "finished": created,
        "n_files": 0,
        "n_failed_files": 0,
        "n_read": columns["n_clusters"],
        "n_kept": columns["n_clusters"],
        "n_dropped": 0,
        "peak_recipe": recipe.to_json(),
        "spectradb_version": columns["spectradb_version"],
    }
    if replaces:
        record.update("imports", "collection", _row("imports", done))
        remove_killed_imports(record, into)
    else:
        record.insert_new("imports", "import_id", _row("imports", done))


def _row(table: str, columns: Mapping[str, Any]) -> pa.Table:
    return pa.Table.from_pylist([dict(columns)], schema=table_schema(table))


def _repeated(value: str, n: int) -> pa.Array:
    return pa.array([value] * n, pa.string())
