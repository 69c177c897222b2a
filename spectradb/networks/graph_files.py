"""Networks as files: GraphML, which Cytoscape, Gephi and networkx open, and CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
from lxml import etree
from pyarrow import csv

from spectradb.errors import BadParameter
from spectradb.spelling import known_names, printable
from spectradb.whole_files import written_whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SUFFIXES = (".graphml", ".csv")

_NAMESPACE = "http://graphml.graphdrawing.org/xmlns"
_END_IDS = ("spectrum_id_a", "spectrum_id_b")


def check_suffix(path: Path) -> None:
    """Check that the name of a file says how to write it.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Raises
    ------
    BadParameter
        If it does not.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise BadParameter(f"{path.name} must end in one of: {known_names(path.suffix, SUFFIXES)}")


def write_graph(path: Path, nodes: pa.Table, edges: pa.Table) -> tuple[Path, ...]:
    """Write a network.

    Parameters
    ----------
    path : pathlib.Path
        The file. ``.graphml``: nodes and edges in one. ``.csv``: the edges, and the nodes in a second file beside it, whose
        name ends in ``_nodes.csv``.
    nodes : pyarrow.Table
        The spectra, with ``spectrum_id``.
    edges : pyarrow.Table
        The edges, with ``spectrum_id_a`` and ``spectrum_id_b``. Ids are written as text, for they are 63 bits wide.

    Returns
    -------
    tuple of pathlib.Path
        The files.

    Raises
    ------
    BadParameter
        If the suffix names no format, or the file cannot be written.
    """
    check_suffix(path)
    try:
        if path.suffix.lower() == ".csv":
            beside = path.with_name(f"{path.stem}_nodes{path.suffix}")
            for rows, file in ((edges, path), (nodes, beside)):
                with written_whole(file) as unfinished:
                    csv.write_csv(_with_text_ids(rows), unfinished)
            return path, beside
        with written_whole(path) as unfinished:
            _write_graphml(unfinished, _with_text_ids(nodes), _with_text_ids(edges))
    except OSError as error:
        raise BadParameter(f"{path} cannot be written: {error.strerror or error}. Choose another place") from error
    return (path,)


def _with_text_ids(table: pa.Table) -> pa.Table:
    ids = [name for name in table.column_names if name.endswith(("_id", *_END_IDS)) and pa.types.is_integer(table[name].type)]
    for name in ids:
        table = table.set_column(table.column_names.index(name), name, pc.cast(table[name], pa.string()))
    return table


def _write_graphml(path: Path, nodes: pa.Table, edges: pa.Table) -> None:
    of_nodes = [name for name in nodes.column_names if name != "spectrum_id"]
    of_edges = [name for name in edges.column_names if name not in _END_IDS]
    with path.open("wb") as file, etree.xmlfile(file, encoding="utf-8") as xml:
        xml.write_declaration()
        with xml.element("graphml", nsmap={None: _NAMESPACE}):
            xml.write("\n")
            for element, table, names in (("node", nodes, of_nodes), ("edge", edges, of_edges)):
                for name in names:
                    kind = _kind(table.schema.field(name).type)
                    key = {"id": f"{element}_{name}", "for": element, "attr.name": name, "attr.type": kind}
                    xml.write(etree.Element("key", key))
                    xml.write("\n")
            with xml.element("graph", id="network", edgedefault="undirected"):
                xml.write("\n")
                for row in _rows(nodes):
                    _write(xml, "node", {"id": row["spectrum_id"]}, row, of_nodes)
                for row in _rows(edges):
                    _write(xml, "edge", {"source": row["spectrum_id_a"], "target": row["spectrum_id_b"]}, row, of_edges)


def _rows(table: pa.Table) -> Iterator[dict[str, object]]:
    for batch in table.to_batches(max_chunksize=10_000):
        yield from batch.to_pylist()


def _write(xml: etree.xmlfile, element: str, attributes: dict[str, object], row: dict[str, object], names: list[str]) -> None:
    written = etree.Element(element, {name: str(value) for name, value in attributes.items()})
    for name in names:
        value = row[name]
        if value is not None:
            data = etree.SubElement(written, "data", key=f"{element}_{name}")
            data.text = str(value).lower() if isinstance(value, bool) else printable(str(value))
    xml.write(written)
    xml.write("\n")


def _kind(kind: pa.DataType) -> str:
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_integer(kind):
        return "int" if kind.bit_width <= 32 else "long"
    return "double" if pa.types.is_floating(kind) else "string"
