"""The reader of mzML's spectra beside pyteomics' own, whose values it gives."""

import io

import pytest
from pyteomics import mzml

from spectradb.ingest.readers.mzml_spectra import SpectrumReader, _Units
from spectradb.ingest.readers.xml_source import UNREADABLE

TERMS = """<cvParam cvRef="MS" accession="MS:1000511" name="ms level" value="2"/>
<cvParam cvRef="MS" accession="MS:1000130" name="positive scan"/>
<userParam name="note" value="12" type="xsd:string"/><userParam name="note" value="twice"/>"""
SCAN = """<scanList count="1"><cvParam cvRef="MS" accession="MS:1000795" name="no combination"/>
<scan instrumentConfigurationRef="IC"><cvParam cvRef="MS" accession="MS:1000016" name="scan start time" value="1.5"
unitCvRef="UO" unitAccession="UO:0000031"/><scanWindowList count="1"><scanWindow><cvParam cvRef="MS" accession="MS:1000501"
name="scan window lower limit" value="50"/></scanWindow></scanWindowList></scan></scanList>"""
PRECURSORS = """<precursorList count="2"><precursor spectrumRef="scan=1"><isolationWindow><cvParam cvRef="MS"
accession="MS:1000827" name="isolation window target m/z" value="445.34"/></isolationWindow><selectedIonList count="2">
<selectedIon><cvParam cvRef="MS" accession="MS:1000744" name="selected ion m/z" value="445.34" unitName="m/z"/></selectedIon>
<selectedIon><referenceableParamGroupRef ref="ion"/></selectedIon></selectedIonList><activation><cvParam cvRef="MS"
accession="MS:1000422" name="beam-type collision-induced dissociation"/><cvParam cvRef="MS" accession="MS:1000045"
name="collision energy" value="35.0" unitAccession="UO:0000266" unitName="electronvolt"/></activation></precursor>
<precursor/></precursorList>"""
ARRAY = """<binaryDataArray encodedLength="12"><cvParam cvRef="MS" accession="MS:1000523" name="64-bit float"/><cvParam
cvRef="MS" accession="MS:1000576" name="no compression"/><cvParam cvRef="MS" accession="{accession}" name="{name}"/>
<binary>{text}</binary></binaryDataArray>"""
ARRAYS = '<binaryDataArrayList count="2">{}{}</binaryDataArrayList>'.format(
    ARRAY.format(accession="MS:1000514", name="m/z array", text="AAAAAAAAWUA="),
    ARRAY.format(accession="MS:1000515", name="intensity array", text="AAAAAAAA8D8="),
)
GROUPS = """<referenceableParamGroupList count="1"><referenceableParamGroup id="ion"><cvParam cvRef="MS"
accession="MS:1000744" name="selected ion m/z" value="446.3"/><cvParam cvRef="MS" accession="MS:1000041" name="charge state"
value="2"/></referenceableParamGroup></referenceableParamGroupList>"""


def document(*spectra, beside=""):
    listed = "".join(
        f'<spectrum index="{i}" id="scan={i + 2}" defaultArrayLength="1">{inner}</spectrum>' for i, inner in enumerate(spectra)
    )
    return (
        f'<indexedmzML xmlns="http://psi.hupo.org/ms/mzml"><mzML version="1.1.0">{GROUPS}<run id="r">'
        f'<spectrumList count="{len(spectra)}">{listed}</spectrumList>{beside}</run></mzML>'
        '<indexList count="1"><index name="spectrum"><offset idRef="scan=2">5</offset></index></indexList></indexedmzML>'
    ).encode()


class Theirs(mzml.MzML):
    """pyteomics' reader with a memory of its own for the types of terms, which readers with a vocabulary share."""

    _cv_type_cache = {}  # noqa: RUF012


def theirs(text):
    with Theirs(io.BytesIO(text), use_index=False, decode_binary=False, huge_tree=True, cv=_Units()) as reader:
        return list(reader)


def plain(value):
    """Values with what pyteomics attaches to them: types, units, accessions."""
    if isinstance(value, dict):
        return [(key, getattr(key, "accession", None), plain(inner)) for key, inner in sorted(value.items())]
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if hasattr(value, "compression"):
        return (value.data, value.compression, value.dtype, value.key)
    return (type(value), value, getattr(value, "unit_info", None))


@pytest.mark.parametrize(
    "spectra",
    [
        (TERMS + SCAN + PRECURSORS + ARRAYS,),
        (TERMS, TERMS + PRECURSORS, SCAN + ARRAYS, ""),
        (TERMS + "<scanList><scan><userParam name='only'/></scan></scanList>", "text " + TERMS),
        (
            TERMS.replace('value="2"', 'value="two"'),
            TERMS + "<precursorList><precursor><activation/></precursor></precursorList>",
        ),
        ('<referenceableParamGroupRef ref="ion"/>' + TERMS, '<referenceableParamGroupRef ref="ion"/>' + ARRAYS),
    ],
)
def test_the_values_of_pyteomics(spectra):
    text = document(*spectra)
    found = list(SpectrumReader(io.BytesIO(text)))
    assert [plain(one) for one in found] == [plain(one) for one in theirs(text)]
    assert len(found) == len(spectra)


def test_what_lies_beside_spectra_is_passed_over():
    beside = f'<chromatogramList count="1"><chromatogram index="0" id="TIC">{ARRAYS}</chromatogram></chromatogramList>'
    text = document(TERMS + ARRAYS, TERMS, beside=beside).replace(b"<spectrumList", b"<?note of a tool?><spectrumList")
    text = text.replace(b"<scanList", b"<!-- a remark --><scanList")
    assert [one["id"] for one in SpectrumReader(io.BytesIO(text))] == ["scan=2", "scan=3"]


def test_a_group_that_is_missing_costs_its_parameters_only():
    (found,) = SpectrumReader(io.BytesIO(document(TERMS + '<referenceableParamGroupRef ref="none"/>')))
    assert (found["ms level"], UNREADABLE in found) == (2, False)


def test_a_damaged_attribute_is_the_spectrums_fault():
    text = document(TERMS, TERMS).replace(b'defaultArrayLength="1"', b'defaultArrayLength="one"', 1)
    first, second = SpectrumReader(io.BytesIO(text))
    assert "its description cannot be read" in first[UNREADABLE]
    assert second["ms level"] == 2
