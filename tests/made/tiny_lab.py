"""A lab small enough to be known by heart: one library, one study, all spectra made up.

The library ``reference`` has nine spectra of five analytes: both enantiomers of leucine (which merge), its isomer isoleucine,
caffeine with a copy of one spectrum, and two acids in negative mode, one of them in positive mode too. The study ``kitchen``
has two runs, one in each ion mode; most of its spectra state what they are, so that the search ``first`` can be judged.
"""

import functools
import os
import shutil
import tempfile
from pathlib import Path

from empty_lab import empty_lab

from spectradb.facade.lab import Lab, connect

LEUCINE, ISOLEUCINE, CAFFEINE = "ROHFNLRQFUQHCH", "AGPKZVBTJJNPAG", "RYYVLZVUVIJVGH"
CITRIC_ACID, SALICYLIC_ACID = "KRKNYBCHXYNGOX", "YGSDEFSMJLZEOE"
NORLEUCINE, PALMITIC_ACID = "LRQKBLKVPFOOQJ", "IPCSVZSSVZVIGE"

LIBRARY_MSP = """\
Name: D-Leucine
DB#: R1
PrecursorMZ: 132.1019
Precursor_type: [M+H]+
Ion_mode: positive
Instrument_type: LC-ESI-QTOF
Collision_energy: 10 eV
SMILES: CC(C)C[C@@H](N)C(=O)O
PubChemCID: 439524
Num Peaks: 4
43.0542 20
44.0495 30
86.0964 1000
132.1019 90

Name: L-Leucine
DB#: R2
PrecursorMZ: 132.1019
Precursor_type: [M+H]+
Ion_mode: positive
Instrument_type: LC-ESI-QTOF
Collision_energy: 20 eV
SMILES: CC(C)C[C@H](N)C(=O)O
PubChemCID: 6106
Num Peaks: 4
30.0338 60
43.0542 110
44.0495 140
86.0964 1000

Name: L-Isoleucine
DB#: R3
PrecursorMZ: 132.1019
Precursor_type: [M+H]+
Ion_mode: positive
Instrument_type: LC-ESI-QTOF
SMILES: CC[C@H](C)[C@H](N)C(=O)O
PubChemCID: 6306
Num Peaks: 4
41.0386 60
57.0699 90
69.0699 700
86.0964 1000

Name: Caffeine
DB#: R4
PrecursorMZ: 195.0877
Precursor_type: [M+H]+
Ion_mode: positive
Instrument_type: LC-ESI-QTOF
SMILES: Cn1cnc2c1c(=O)n(C)c(=O)n2C
PubChemCID: 2519
Num Peaks: 3
110.0713 200
138.0662 1000
195.0877 600

Name: Caffeine
DB#: R5
PrecursorMZ: 195.0877
Precursor_type: [M+H]+
Ion_mode: positive
Instrument_type: LC-ESI-QTOF
SMILES: Cn1cnc2c1c(=O)n(C)c(=O)n2C
PubChemCID: 2519
Num Peaks: 3
110.0713 20
138.0662 100
195.0877 60

Name: Caffeine
DB#: R6
PrecursorMZ: 195.0877
Precursor_type: [M+H]+
Ion_mode: positive
Instrument_type: LC-ESI-QFT
SMILES: Cn1cnc2c1c(=O)n(C)c(=O)n2C
PubChemCID: 2519
Num Peaks: 4
42.0338 300
83.0604 400
110.0713 900
138.0662 1000

Name: Citric acid
DB#: R7
PrecursorMZ: 191.0197
Precursor_type: [M-H]-
Ion_mode: negative
Instrument_type: LC-ESI-QTOF
SMILES: OC(=O)CC(O)(CC(=O)O)C(=O)O
PubChemCID: 311
Num Peaks: 3
85.0295 400
87.0088 600
111.0088 1000

Name: Salicylic acid
DB#: R8
PrecursorMZ: 137.0244
Precursor_type: [M-H]-
Ion_mode: negative
Instrument_type: LC-ESI-QTOF
SMILES: O=C(O)c1ccccc1O
PubChemCID: 338
Num Peaks: 2
65.0397 100
93.0346 1000

Name: Salicylic acid
DB#: R9
PrecursorMZ: 139.0390
Precursor_type: [M+H]+
Ion_mode: positive
Instrument_type: LC-ESI-QTOF
SMILES: O=C(O)c1ccccc1O
PubChemCID: 338
Num Peaks: 2
65.0386 300
121.0284 1000

Name: Unknown (4.39_200.1000m/z)
DB#: R10
PrecursorMZ: 200.1000
Precursor_type: [M+H]+
Ion_mode: positive
Num Peaks: 1
100.0000 1000
"""

COFFEE_MGF = """\
BEGIN IONS
TITLE=coffee:1
PEPMASS=132.1020
CHARGE=1+
RTINSECONDS=60
SMILES=CC(C)C[C@H](N)C(=O)O
30.0338 50
43.0542 100
44.0495 150
86.0964 1000
END IONS

BEGIN IONS
TITLE=coffee:2
PEPMASS=132.1019
CHARGE=1+
RTINSECONDS=66
SMILES=CC[C@H](C)[C@H](N)C(=O)O
43.0542 20
44.0495 25
86.0964 1000
132.1019 80
END IONS

BEGIN IONS
TITLE=coffee:3
PEPMASS=195.0876
CHARGE=1+
RTINSECONDS=180
SMILES=Cn1cnc2c1c(=O)n(C)c(=O)n2C
110.0713 210
138.0662 1000
195.0877 550
END IONS

BEGIN IONS
TITLE=coffee:4
PEPMASS=132.1021
CHARGE=1+
RTINSECONDS=72
SMILES=CCCCC(N)C(=O)O
69.0699 400
86.0964 1000
END IONS
"""

LEMON_MGF = """\
BEGIN IONS
TITLE=lemon:1
PEPMASS=191.0198
CHARGE=1-
RTINSECONDS=45
SMILES=OC(=O)CC(O)(CC(=O)O)C(=O)O
85.0295 380
87.0088 640
111.0088 1000
END IONS

BEGIN IONS
TITLE=lemon:2
PEPMASS=137.0245
CHARGE=1-
RTINSECONDS=200
93.0346 1000
END IONS

BEGIN IONS
TITLE=lemon:3
PEPMASS=255.2330
CHARGE=1-
RTINSECONDS=500
SMILES=CCCCCCCCCCCCCCCC(=O)O
255.2330 1000
END IONS
"""

SAMPLES_CSV = """\
file,sample,sample_type,group,dilution,ion_mode,column,roast,cups
coffee_1.mgf,coffee,sample,drink,1:10,positive,RP,dark,2
lemon_1.mgf,lemon,sample,fruit,4,negative,HILIC,,0.5
"""


def write_files(folder: Path) -> None:
    """Write the library, the two runs and the sample table into a folder."""
    for name, text in {
        "reference.msp": LIBRARY_MSP,
        "coffee_1.mgf": COFFEE_MGF,
        "lemon_1.mgf": LEMON_MGF,
        "samples.csv": SAMPLES_CSV,
    }.items():
        (folder / name).write_text(text)


@functools.cache
def _made(cache: str | None) -> tempfile.TemporaryDirectory:
    """Make it; ``cache`` is the folder where the extension would be found."""
    folder = tempfile.TemporaryDirectory(prefix="tiny_lab_")
    files = Path(folder.name)
    write_files(files)
    with empty_lab(files / "lab") as lab:
        lab.import_library("reference", files / "reference.msp", origin="made up", licence="CC0")
        lab.import_study("kitchen", [files / "coffee_1.mgf", files / "lemon_1.mgf"], samples=files / "samples.csv")
        lab.embed("binned")
        lab.identify("kitchen", "reference", name="first")
    return folder


def build(folder: Path) -> Lab:
    """Make the lab in ``folder/lab``: imported, embedded with ``binned``, identified as the search ``first``.

    It is made once a process, with the native extension and without it, and copied.
    """
    shutil.copytree(_made(os.environ.get("XDG_CACHE_HOME")).name, folder, dirs_exist_ok=True)
    return connect(folder / "lab")
