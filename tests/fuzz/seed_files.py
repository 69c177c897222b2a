"""One small file of our own in every format that is text, from which mutants are made."""

import base64
import json
import struct
import zlib

CAFFEINE = "CN1C=NC2=C1C(=O)N(C(=O)N2C)C"
CAFFEINE_KEY = "RYYVLZVUVIJVGH-UHFFFAOYSA-N"
CAFFEINE_INCHI = "InChI=1S/C8H10N4O2/c1-10-4-9-6-5(10)7(13)12(3)8(14)11(6)2/h4H,1-3H3"

MGF = f"""\
BEGIN IONS
TITLE=one
PEPMASS=195.0877 1000
CHARGE=1+
RTINSECONDS=62.5
SMILES={CAFFEINE}
INCHIKEY={CAFFEINE_KEY}
ADDUCT=[M+H]+
COLLISION_ENERGY=35 eV
FEATURE_ID=7
69.0447 12.5
110.0713 20
138.0662 1e3
END IONS
BEGIN IONS
TITLE=two
PEPMASS=132.1019
CHARGE=1-
IONMODE=negative
SCANS=12
43.0542\t20.5
86.0964\t1000
END IONS
"""

MSP = f"""\
NAME: caffeine
PRECURSORMZ: 195.0877
PRECURSORTYPE: [M+H]+
IONMODE: Positive
RETENTIONTIME: 1.25 min
SMILES: {CAFFEINE}
INCHIKEY: {CAFFEINE_KEY}
COLLISIONENERGY: 35
Comments: "author=A. Nobody" "license=CC0" "ms level=MS2"
Num Peaks: 3
69.0447 12.5; 110.0713 20
138.0662 1000 "C6H8N3O+"

Name: leucine
Synon: $:28 a label
PEPMASS: 132.1019
Num Peaks: 1
86.0964\t1000
"""

MASSBANK = f"""\
ACCESSION: MSBNK-Made_Up-XY000001
RECORD_TITLE: Caffeine; LC-ESI-QTOF; MS2
AUTHORS: A. Nobody, Made Up
LICENSE: CC0
CH$NAME: Caffeine
CH$FORMULA: C8H10N4O2
CH$EXACT_MASS: 194.0804
CH$SMILES: {CAFFEINE}
CH$IUPAC: {CAFFEINE_INCHI}
CH$LINK: INCHIKEY {CAFFEINE_KEY}
CH$LINK: PUBCHEM CID:2519
AC$INSTRUMENT_TYPE: LC-ESI-QTOF
AC$MASS_SPECTROMETRY: MS_TYPE MS2
AC$MASS_SPECTROMETRY: ION_MODE POSITIVE
AC$MASS_SPECTROMETRY: COLLISION_ENERGY 35 eV
AC$CHROMATOGRAPHY: RETENTION_TIME 4.5 min
MS$FOCUSED_ION: PRECURSOR_M/Z 195.0877
MS$FOCUSED_ION: PRECURSOR_TYPE [M+H]+
PK$NUM_PEAK: 2
PK$PEAK: m/z int. rel.int.
  110.0713 812 7
  138.0662 1.5e4 999
//
"""

SIRIUS = f"""\
>compound caffeine
>parentmass 195.0877
>ionization [M+H]+
>charge 1
>rt 2.5 min
>smiles {CAFFEINE}

>collision 35
110.0713 20
138.0662 1000

>compound unknown
>parentmass 200.1
>ms2peaks
100.5 7
"""

GNPS = json.dumps(
    [
        {
            "spectrum_id": f"MADE{number}",
            "source_file": "a.mgf",
            "ms_level": "2",
            "peaks_json": "[[110.0713,20.0],[138.0662,1000.0]]",
            "Compound_Name": "caffeine",
            "Ion_Source": "ESI",
            "Instrument": "qTof",
            "PI": "Nobody",
            "Adduct": "M+H",
            "Scan": "12",
            "Precursor_MZ": "195.0877",
            "Charge": "1",
            "Smiles": CAFFEINE,
            "Ion_Mode": "Positive",
        }
        for number in (1, 2)
    ]
)

MONA = json.dumps(
    [
        {
            "compound": [
                {
                    "inchi": CAFFEINE_INCHI,
                    "inchiKey": CAFFEINE_KEY,
                    "metaData": [{"name": "SMILES", "value": CAFFEINE}, {"name": "pubchem cid", "value": 2519}],
                    "names": [{"computed": False, "name": "caffeine"}],
                }
            ],
            "id": "XY1",
            "metaData": [
                {"name": "ms level", "value": "MS2"},
                {"name": "collision energy", "value": 30, "unit": "eV"},
                {"name": "retention time", "value": "4.5", "unit": "min"},
                {"name": "precursor m/z", "value": 195.0877},
                {"name": "precursor type", "value": "[M+H]+"},
                {"name": "ionization mode", "value": "positive"},
            ],
            "spectrum": "110.0713:20 138.0662:1e2",
            "submitter": {"firstName": "Ada", "institution": "Elsewhere"},
        }
    ]
)

MZSPECLIB = f"""\
<mzSpecLib>
MS:1003186|library format version=1.0
MS:1003188|library name=made up
<AttributeSet Spectrum=all>
MS:1000465|scan polarity=MS:1000130|positive scan
<Spectrum=17>
MS:1003061|library spectrum name=caffeine
[1]MS:1000894|retention time=2.5
[1]UO:0000000|unit=UO:0000031|minute
[2]MS:1000045|collision energy=35.0
[2]UO:0000000|unit=UO:0000266|electronvolt
MS:1003208|experimental precursor monoisotopic m/z=195.0877
MS:1003059|number of peaks=2
<Analyte=1>
MS:1000866|molecular formula=C8H10N4O2
MS:1000868|SMILES string={CAFFEINE}
MS:1002813|adduct ion formula=[M+H]+
<Peaks>
110.0713\t20.5\t?
138.0662\t100.0\t?
"""


def _attribute(accession, name, value, **more):
    return {"accession": accession, "name": name, "value": value, **more}


MZSPECLIB_JSON = json.dumps(
    {
        "format_version": "1.0",
        "attributes": [_attribute("MS:1003188", "library name", "made up")],
        "spectrum_attribute_sets": {"all": [_attribute("MS:1000511", "ms level", 2)]},
        "analyte_attribute_sets": {},
        "spectra": [
            {
                "attributes": [
                    _attribute("MS:1003061", "library spectrum name", "caffeine"),
                    _attribute("MS:1003208", "experimental precursor monoisotopic m/z", 195.0877),
                    _attribute("MS:1000894", "retention time", 2.5, cv_param_group="1"),
                    _attribute("UO:0000000", "unit", "minute", value_accession="UO:0000031", cv_param_group="1"),
                ],
                "analytes": {"1": {"attributes": [_attribute("MS:1000868", "SMILES string", CAFFEINE)]}},
                "mzs": [110.0713, 138.0662],
                "intensities": [20.5, 100.0],
            }
        ],
    }
)


def _packed(kind, *values, compress=False):
    packed = struct.pack(f"{kind[0]}{len(values)}{kind[1]}", *values)
    return base64.b64encode(zlib.compress(packed) if compress else packed).decode()


def _term(accession, name, value="", unit=""):
    return f'<cvParam cvRef="MS" accession="{accession}" name="{name}" value="{value}" {unit}/>'


def _mzml_array(accession, name, text, *terms):
    stated = "".join(terms) + _term(accession, name)
    return f'<binaryDataArray encodedLength="{len(text)}">{stated}<binary>{text}</binary></binaryDataArray>'


_MINUTE = 'unitCvRef="UO" unitAccession="UO:0000031" unitName="minute"'
_DOUBLES, _ZLIB = _term("MS:1000523", "64-bit float"), _term("MS:1000574", "zlib compression")
MZML = (
    '<?xml version="1.0" encoding="utf-8"?>\n<mzML xmlns="http://psi.hupo.org/ms/mzml" version="1.1.0"><run id="r" '
    'startTimeStamp="2020-01-01T10:00:00Z"><spectrumList count="1"><spectrum index="0" id="scan=1" defaultArrayLength="2">'
    + _term("MS:1000511", "ms level", 2)
    + _term("MS:1000127", "centroid spectrum")
    + _term("MS:1000130", "positive scan")
    + f'<scanList count="1"><scan>{_term("MS:1000016", "scan start time", 1.5, _MINUTE)}</scan></scanList>'
    + f'<precursorList count="1"><precursor><isolationWindow>{_term("MS:1000827", "isolation window target m/z", 195.0877)}'
    + f"{_term('MS:1000828', 'isolation window lower offset', 0.5)}{_term('MS:1000829', 'isolation window upper offset', 0.5)}"
    + f'</isolationWindow><selectedIonList count="1"><selectedIon>{_term("MS:1000744", "selected ion m/z", 195.0877)}'
    + f"{_term('MS:1000041', 'charge state', 1)}</selectedIon></selectedIonList>"
    + f"<activation>{_term('MS:1000045', 'collision energy', 35)}</activation></precursor></precursorList>"
    + '<binaryDataArrayList count="2">'
    + _mzml_array("MS:1000514", "m/z array", _packed("<d", 110.0713, 138.0662, compress=True), _DOUBLES, _ZLIB)
    + _mzml_array("MS:1000515", "intensity array", _packed("<d", 20, 1000, compress=True), _DOUBLES, _ZLIB)
    + "</binaryDataArrayList></spectrum></spectrumList></run></mzML>"
)

MZXML = (
    '<?xml version="1.0" encoding="ISO-8859-1"?>\n<mzXML xmlns="http://sashimi.sourceforge.net/schema_revision/mzXML_3.2">'
    '<msRun scanCount="1"><scan num="1" msLevel="2" peaksCount="2" polarity="+" centroided="1" retentionTime="PT62.5S" '
    'collisionEnergy="35"><precursorMz precursorIntensity="1000" precursorCharge="1">195.0877</precursorMz>'
    f'<peaks precision="32" byteOrder="network" contentType="m/z-int">{_packed(">f", 110.0713, 20, 138.0662, 1000)}</peaks>'
    "</scan></msRun></mzXML>"
)

TABLE = f"""\
name,precursor_mz,smiles,mz,intensity
caffeine,195.0877,{CAFFEINE},"[110.0713, 138.0662]","[20, 1000]"
leucine,132.1019,CC(C)C[C@@H](C(=O)O)N,"[86.0964]","[1000]"
"""
SELECT = (
    "SELECT name AS native_id, precursor_mz, smiles, mz::DOUBLE[] AS mz, intensity::DOUBLE[] AS intensity "
    "FROM read_csv('{file}', all_varchar = true)"
)

#: File names and what is in them.
SEEDS = {
    "a.mgf": MGF,
    "a.msp": MSP,
    "a.txt": MASSBANK,
    "a.ms": SIRIUS,
    "gnps.json": GNPS,
    "mona.json": MONA,
    "a.mzspeclib.txt": MZSPECLIB,
    "a.mzspeclib.json": MZSPECLIB_JSON,
    "a.mzML": MZML,
    "a.mzXML": MZXML,
    "a.csv": TABLE,
}
