"""A lab in which every verb has something to do: spectra of isomers by three laboratories, and a study of eight runs.

All made up. Isomers share three peaks and differ in one, so that searches are right and wrong often enough to calibrate.
"""

import csv
from pathlib import Path

import numpy as np
from empty_lab import empty_lab
from exported_models import SETTINGS, write_onnx

LABORATORIES = ("Aa", "Bb", "Cc")
N_PAIRS = 14
RUNS = [("s1", "sick", "RP"), ("s2", "sick", "HILIC"), ("s3", "sick", "RP"), ("s4", "sick", "HILIC")]
RUNS += [("w1", "well", "RP"), ("w2", "well", "HILIC"), ("w3", "well", "RP"), ("w4", "well", "HILIC")]
SELECT = (
    "SELECT native_id, contributor, smiles, precursor_mz, 'positive' AS ion_mode, mz::DOUBLE[] AS mz, "
    "intensity::DOUBLE[] AS intensity FROM '{file}'"
)
_ELEMENTS = [f"{n}C" for n in range(6)]


def _isomers(length):
    """Structures of one formula."""
    return ["C" * (place - 1) + "C(O)" + "C" * (length - place) for place in range(1, 6)]


def _peaks(chance, pair, number, laboratory):
    shared = np.random.default_rng(pair).uniform(50, 190, size=3)
    own = np.random.default_rng(1000 + 10 * pair + number).uniform(50, 190, size=1)
    mz = np.concatenate([shared, own if chance.uniform() < 2 / 3 else chance.uniform(50, 190, size=1)])
    heights = np.concatenate([chance.uniform(0.2, 1, size=3), chance.uniform(0.01, 0.3, size=1)])
    order = np.argsort(mz)
    return mz[order].round(4).tolist(), (1000 * heights[order]).round(1).tolist()


def _mgf(title, pair, mz, heights, seconds):
    lines = ["BEGIN IONS", f"TITLE={title}", f"PEPMASS={200.0 + pair:.4f}", "CHARGE=1+", f"RTINSECONDS={seconds}"]
    lines += [f"{m} {h}" for m, h in zip(mz, heights, strict=True)]
    return "\n".join([*lines, "END IONS", ""])


def write_files(folder: Path):
    """Write what the lab is made of and what verbs are given later."""
    chance = np.random.default_rng(11)
    rows = []
    for pair in range(N_PAIRS):
        for number, smiles in enumerate(_isomers(pair + 9)):
            for laboratory in LABORATORIES if number < 2 else LABORATORIES[number - 2 : number - 1]:
                mz, heights = _peaks(chance, pair, number, laboratory)
                mass = 200.0 + pair + chance.uniform(-3e-4, 3e-4)
                rows.append((f"{laboratory}-{pair}-{number}", laboratory, smiles, round(mass, 5), mz, heights))
    with (folder / "library.csv").open("w", newline="") as file:
        written = csv.writer(file)
        written.writerow(("native_id", "contributor", "smiles", "precursor_mz", "mz", "intensity"))
        written.writerows(rows)
    table = ["file,sample,sample_type,group,chromatography,ion_mode"]
    for place, (run, group, chromatography) in enumerate(RUNS):
        pairs = [(place + i) % N_PAIRS for i in range(8)]
        spectra = [
            _mgf(f"{run}:{i}", pair, *_peaks(chance, pair, i % 2 if group == "sick" else 2, "Dd"), 60 * i + place)
            for i, pair in enumerate(pairs)
        ]
        (folder / f"{run}.mgf").write_text("\n".join(spectra))
        table.append(f"{run}.mgf,{run},sample,{group},{chromatography},positive")
    (folder / "samples.csv").write_text("\n".join(table))
    (folder / "late.mgf").write_text("\n".join(_mgf(f"late:{i}", i, *_peaks(chance, i, 1, "Ee"), 30 * i) for i in range(10)))
    more = [
        _mgf(f"more:{i}", i % N_PAIRS, *_peaks(chance, i % N_PAIRS, i % 5, "Ff"), i).replace(
            "CHARGE=1+", f"CHARGE=1+\nSMILES={_isomers(i % N_PAIRS + 9)[i % 5]}"
        )
        for i in range(200)
    ]
    (folder / "more.mgf").write_text("\n".join(more))
    (folder / "quant.csv").write_text(
        "row ID,row m/z,row retention time,s1.mgf Peak area,w1.mgf Peak area\n1,200.0,0.0,100.5,0\n2,201.0,1.0,,250\n"
    )
    (folder / "short.toml").write_text('name = "short"\n[split]\nunseen_share = 0.0\n[optimisation]\nn_steps = 2\n')
    write_onnx(folder / "theirs.onnx", settings=SETTINGS)
    (folder / "out").mkdir()


def build(folder: Path):
    """Make the lab in ``folder/lab``: imported, embedded, and searched as ``first`` and ``itself``."""
    write_files(folder)
    with empty_lab(folder / "lab") as lab:
        lab.import_library("reference", folder / "library.csv", select=SELECT, licence="CC0", quiet=True)
        lab.import_study("ward", [folder / f"{run}.mgf" for run, *_ in RUNS], samples=folder / "samples.csv", quiet=True)
        lab.embed("binned", quiet=True)
        lab.identify("ward", "reference", name="first")
        lab.identify("reference", "reference", left_out="contributor", name="itself")
    return folder
