"""The state of a collection before an import: what killed imports left in it, and whether the import fits it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spectradb.errors import CollectionExists

if TYPE_CHECKING:
    from spectradb.ingest.spectra.peaks import PeakRecipe
    from spectradb.store.record import Record


def remove_killed_imports(record: Record, collection: str) -> None:
    """Delete what imports into a collection that were never finished left behind; the caller's lock says that none is running.

    Parameters
    ----------
    record : Record
        The lab's record.
    collection : str
        The library or study.
    """
    imports = record.read("imports", columns=["import_id", "collection"])
    finished = set(imports["import_id"].to_pylist())
    for table in ("spectra", "runs", "samples", "import_log"):
        column = "study" if table == "samples" else "collection"
        owners = record.read(table, columns=["import_id"], where=f"{column} = '{collection}'")["import_id"].unique()
        for killed in sorted(set(owners.to_pylist()) - finished):
            record.delete(table, f"import_id = '{killed}'")
    _remove_killed_clusters(record, collection, finished)
    if collection not in imports["collection"].to_pylist():
        for table in ("libraries", "studies"):
            record.delete(table, f"name = '{collection}'")


def _remove_killed_clusters(record: Record, collection: str, finished: set[str]) -> None:
    """Delete clusters whose spectra never came to count, or do no more; members first, which are found by way of the others."""
    made = record.read("clusterings", columns=["import_id"], where=f"clustering = '{collection}'")["import_id"].to_pylist()
    for killed in sorted(set(made) - finished):
        for table in ("cluster_members", "clusterings"):
            record.delete(table, f"import_id = '{killed}'")


def check_collection(record: Record, name: str, own_table: str, recipe: PeakRecipe) -> None:
    """Check that an import fits its collection.

    Parameters
    ----------
    record : Record
        The lab's record.
    name : str
        The collection.
    own_table : {"libraries", "studies"}
        The table of the record that lists collections of its kind.
    recipe : PeakRecipe
        How the import cleans peaks.

    Raises
    ------
    CollectionExists
        If the name belongs to a collection of the other kind, or to one whose peaks were cleaned by another recipe.
    """
    for table in ("libraries", "studies"):
        for known in record.read(table, columns=["name"])["name"].to_pylist():
            # SQL does not tell apart names that differ in case only.
            if known.lower() == name.lower() and (known, table) != (name, own_table):
                kind = "library" if own_table == "libraries" else "study"
                msg = f"{known} is the name of one of the lab's {table}. Choose another name for the {kind}."
                raise CollectionExists(msg)
    recipes = {row["name"]: row["peak_recipe"] for row in record.read(own_table, columns=["name", "peak_recipe"]).to_pylist()}
    if recipes.get(name, recipe.to_json()) != recipe.to_json():
        msg = f"the peaks of {name} were cleaned by {recipes[name]}. Import with the same recipe, or under another name."
        raise CollectionExists(msg)
