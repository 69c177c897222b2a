"""The spectra of an mzML document as nested values: pyteomics' reader, without most of its walking and asking.

pyteomics looks at every element of the document from Python, and asks of every parameter anew what type it is. Here lxml passes
on the spectra only, and what was read of a parameter serves for all that are the same. The values are pyteomics' own
(``tests/ingest/readers/test_mzml_spectra.py`` compares them).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from lxml import etree
from pyteomics import mzml

from spectradb.ingest.readers.xml_source import DAMAGED_SPECTRUM, NO_COMPRESSION, UNREADABLE, drop_previous, local_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import BinaryIO

    from spectradb.ingest.readers.xml_source import Element

UNIT_NAMES = {
    "UO:0000010": "second",
    "UO:0000028": "millisecond",
    "UO:0000031": "minute",
    "UO:0000032": "hour",
    "UO:0000187": "percent",
    "UO:0000266": "electronvolt",
}
# What piles up in a document beside spectra.
_PASSED_OVER = ("{*}chromatogram", "{*}offset")
_REMEMBERED_PARAMETERS = 4096
_NONE: Mapping[str, Any] = {}


class _Term(NamedTuple):
    name: str
    relationship: tuple[()] = ()


# The vocabulary serves pyteomics for two purposes: it names units given by accession alone, which this does too, and it tells
# numbers from text, which pyteomics also does by trying.
class _Units:
    """Stands in for the PSI-MS vocabulary, which pyteomics otherwise fetches over the network and parses for every file."""

    def __getitem__(self, accession: str) -> _Term:
        return _Term(UNIT_NAMES.get(accession, accession))


class SpectrumReader(mzml.MzML):  # type: ignore[misc]  # pyteomics has no type information
    """pyteomics' mzML reader, kept from holding, decoding or failing on more than one spectrum."""

    _cv_type_cache: dict[str, Any] = {}  # noqa: RUF012  # pyteomics shares its own among all readers; keep ours out of it

    def __init__(self, source: BinaryIO) -> None:
        super().__init__(source, use_index=False, decode_binary=False, huge_tree=True, cv=_Units())
        self._names: dict[str, str] = {}
        self._parameters: dict[tuple[Any, ...], Any] = {}
        self._numbers: dict[str, dict[str, Callable[[str], Any]]] = {}
        for kind, convert in self._converters_items:
            for element, attribute in self.schema_info.get(kind, ()):
                self._numbers.setdefault(element, {})[attribute] = convert
        self._lists = frozenset(self.schema_info["lists"])

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Walk through the spectra of the document."""
        document = etree.iterparse(
            self._source, events=("end",), tag=("{*}spectrum", *_PASSED_OVER), remove_comments=True, huge_tree=True
        )
        for _, element in document:
            drop_previous(element)
            if self._name(element) == "spectrum":
                yield self._spectrum(element)
            element.clear()

    def _spectrum(self, element: Element) -> dict[str, Any]:
        level = element.find("{*}cvParam[@accession='MS:1000511']")
        arrays = element.find("{*}binaryDataArrayList")
        if level is not None and level.get("value") == "1" and arrays is not None:
            element.remove(arrays)
        try:
            return self._get_info_smart(element)  # type: ignore[no-any-return]
        except DAMAGED_SPECTRUM as error:
            return {"id": element.get("id"), UNREADABLE: f"its description cannot be read ({error})"}

    def _get_info_smart(self, element: Element, **kwargs: Any) -> Any:  # noqa: ANN401  # as pyteomics has it
        """Read an element and all below it, as pyteomics does."""
        name = kwargs.get("ename") or self._name(element)
        info = self._below(element)
        text = element.text.strip() if element.text else ""
        if text and not info:
            return text
        if text:
            info[name] = text
        for attribute, convert in self._numbers.get(name, _NONE).items():
            if attribute in info:
                info[attribute] = convert(info[attribute])
        info = self._flatten(info)
        if "binary" in info:
            info = self._handle_binary(info)
        for array in info.pop("binaryDataArray", ()):
            info.update(array)
        if "ms level" in info:
            info["ms level"] = _whole(info["ms level"])
        return info

    def _below(self, element: Element) -> dict[str, Any]:
        """Read the attributes, elements and parameters of an element."""
        info: dict[str, Any] = dict(element.attrib)
        parameters: list[Any] = []
        for child in element.iterchildren(tag=etree.Element):
            kind = self._name(child)
            if kind in self._param_elements:
                parameters.append(self._parameter(child))
            elif kind == "referenceableParamGroupRef":
                parameters.extend(self._handle_referenceable_param_group(child))
            elif kind in self._lists:
                info.setdefault(kind, []).append(self._get_info_smart(child, ename=kind))
            else:
                info[kind] = self._get_info_smart(child, ename=kind)
        for parameter in parameters:
            if parameter.name in info:
                self._insert_param(info, parameter)
            else:
                info[parameter.name] = parameter.value
        return info

    def _flatten(self, info: dict[str, Any]) -> dict[str, Any]:
        for name in self._structures_to_flatten & info.keys():
            inner = info.pop(name)
            for part in inner if isinstance(inner, list) else [inner]:
                info.update(part)
        for name, value in info.items():
            if type(value) is dict and len(value) == 1 and "name" in value:
                info[name] = value["name"]
        if len(info) == 2 and "name" in info and ("value" in info or "values" in info):
            name = info.pop("name")
            return {name: info.popitem()[1]}
        return info

    def _parameter(self, element: Element) -> Any:  # noqa: ANN401  # as pyteomics has it
        """Read a parameter; those that say the same are read once."""
        key = (element.tag, *element.items())
        found = self._parameters.get(key)
        if found is None:
            if len(self._parameters) >= _REMEMBERED_PARAMETERS:
                self._parameters.clear()
            found = self._parameters[key] = self._handle_param(element)
        return found

    def _name(self, element: Element) -> str:
        found = self._names.get(element.tag)
        if found is None:
            found = self._names[element.tag] = local_name(element)
        return found

    def _handle_referenceable_param_group(self, param_group_ref: Element, **kwargs: Any) -> Any:  # noqa: ANN401
        try:
            return super()._handle_referenceable_param_group(param_group_ref, **kwargs)
        except KeyError:
            # Remembered, or every spectrum that refers to the missing group would search the whole file for it.
            return self._referenceable_param_groups.setdefault(param_group_ref.get("ref"), [])

    def _determine_compression(self, info: dict[str, Any]) -> str:
        stated = sorted(name for name in info if name.endswith("compression"))
        for name in stated:
            del info[name]
        stated = [name for name in stated if name != NO_COMPRESSION]
        # Older converters state Numpress and zlib as two terms where newer ones have one.
        if len(stated) == 2 and stated[0].startswith("MS-Numpress") and stated[1] == "zlib compression":
            return f"{stated[0]} followed by zlib compression"
        return " and ".join(stated) or NO_COMPRESSION


def _whole(value: Any) -> Any:  # noqa: ANN401  # as pyteomics has it
    try:
        return int(value)
    except (ValueError, TypeError):
        return value
