"""mzML written by hand, part by part, for the tests of its reader."""

import base64
import struct

import pyarrow as pa

from spectradb.ingest.readers import mzml
from spectradb.ingest.readers.raw import RAW_SCHEMA, Problems


def cv(accession, name, value="", unit=""):
    return f'<cvParam cvRef="MS" accession="{accession}" name="{name}" value="{value}" {unit}/>'


SECOND = 'unitCvRef="UO" unitAccession="UO:0000010" unitName="second"'
MINUTE = 'unitCvRef="UO" unitAccession="UO:0000031" unitName="minute"'
EV = 'unitCvRef="UO" unitAccession="UO:0000266" unitName="electronvolt"'
PERCENT = 'unitCvRef="UO" unitAccession="UO:0000187" unitName="percent"'
MS2 = cv("MS:1000511", "ms level", 2)
MS1 = cv("MS:1000511", "ms level", 1)
NONE = cv("MS:1000576", "no compression")
ZLIB = cv("MS:1000574", "zlib compression")
F64 = cv("MS:1000523", "64-bit float")
F32 = cv("MS:1000521", "32-bit float")


def array(name, packed, *terms):
    text = packed if isinstance(packed, str) else base64.b64encode(packed).decode()
    accession = {"m/z array": "MS:1000514", "intensity array": "MS:1000515"}[name]
    body = "".join(terms) + cv(accession, name)
    return f'<binaryDataArray encodedLength="{len(text)}">{body}<binary>{text}</binary></binaryDataArray>'


def doubles(*values):
    return struct.pack(f"<{len(values)}d", *values)


def floats(*values):
    return struct.pack(f"<{len(values)}f", *values)


PEAKS = array("m/z array", doubles(50.5, 101.25), F64, NONE) + array("intensity array", doubles(3, 4), F64, NONE)


def spectrum(*content, number=1, peaks=PEAKS, length=2):
    arrays = f'<binaryDataArrayList count="2">{peaks}</binaryDataArrayList>' if peaks else ""
    return (
        f'<spectrum index="{number - 1}" id="scan={number}" defaultArrayLength="{length}">{"".join(content)}{arrays}</spectrum>'
    )


def scan(*terms, reference=""):
    return f'<scanList count="1"><scan {reference}>{"".join(terms)}</scan></scanList>'


def precursor(*, window="", ion="", activation=""):
    ions = f'<selectedIonList count="1"><selectedIon>{ion}</selectedIon></selectedIonList>' if ion else ""
    return (
        f'<precursorList count="1"><precursor><isolationWindow>{window}</isolationWindow>{ions}'
        f"<activation>{activation}</activation></precursor></precursorList>"
    )


def document(*spectra, header="", count=None, tail=""):
    count = len(spectra) if count is None else count
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<mzML xmlns="http://psi.hupo.org/ms/mzml" version="1.1.0">'
        f'{header}<run id="r" defaultInstrumentConfigurationRef="IC1"><spectrumList count="{count}">'
        f"{''.join(spectra)}</spectrumList></run></mzML>{tail}"
    )


def read(path, text=None):
    if text is not None:
        path = path / "run.mzML"
        path.write_text(text)
    problems = Problems()
    rows = pa.Table.from_batches(mzml.read(path, problems), schema=RAW_SCHEMA).to_pylist()
    return rows, [(problem.place, problem.reason) for problem in problems.found]


INSTRUMENTS = (
    '<referenceableParamGroupList count="1"><referenceableParamGroup id="common">'
    + cv("MS:1000529", "instrument serial number", "7")
    + cv("MS:1001911", "Q Exactive")
    + '</referenceableParamGroup></referenceableParamGroupList><instrumentConfigurationList count="2">'
    + '<instrumentConfiguration id="IC1"><referenceableParamGroupRef ref="common"/></instrumentConfiguration>'
    + f'<instrumentConfiguration id="IC2">{cv("MS:1000031", "instrument model", "Homemade TOF")}</instrumentConfiguration>'
    + "</instrumentConfigurationList>"
)
