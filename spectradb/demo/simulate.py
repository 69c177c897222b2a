"""Write a simulated library and a simulated study, for demonstration and for tests that need no measured data.

Nothing here was measured, and the files say so: each spectrum carries the comment :data:`LABEL`, the sample table has a column
``simulated``. What comes out of identifying the study with the library tells whether the software works, not how well a method
does on real spectra.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from rdkit.Chem.rdMolDescriptors import CalcCrippenDescriptors

from spectradb.demo.fragmentation import fragment_ions, ionises, simulate_spectrum
from spectradb.demo.metabolites import load_metabolites
from spectradb.demo.noise import add_noise, noise_peaks
from spectradb.errors import BadParameter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from spectradb.demo.cleavage_rules import IonMode
    from spectradb.demo.metabolites import Metabolite

LABEL = "simulated by rule-based bond fragmentation"
GROUPS = ("control", "treated")

#: Metabolites that the study contains and the library does not: no search can identify them, and many have an isomer in the
#: library that a search may take them for.
HELD_OUT = (
    "norvaline",
    "norleucine",
    "homoserine",
    "3-aminoisobutyric acid",
    "3-methylhistidine",
    "leucylglycine",
    "octopamine",
    "5-hydroxyindoleacetic acid",
    "melatonin",
    "methylmalonic acid",
    "3-hydroxybenzoic acid",
    "isoferulic acid",
    "4-caffeoylquinic acid",
    "3'-deoxyadenosine",
    "2'-O-methylguanosine",
    "isobutyrylcarnitine",
    "hyodeoxycholic acid",
    "11-deoxycortisol",
    "gamma-linolenic acid",
    "N8-acetylspermidine",
    "theobromine",
    "atenolol",
    "luteolin",
)

#: What the treatment does, as the base-2 logarithm of the change in abundance, to every metabolite of a pathway.
EFFECTS = {"tryptophan metabolism": 2.0, "acylcarnitines": -2.0}

STUDY_ENERGIES = (15.0, 30.0)  # eV; between those of the library, so that no query repeats a library spectrum
SHARE_HELD_OUT = 0.15
ONE_LABORATORY_ONLY = 5  # every so many-th metabolite has all its library spectra from one laboratory
SHARE_NOISE = 0.05


@dataclass(frozen=True)
class StudyFiles:
    """What :func:`simulate_study` wrote.

    Parameters
    ----------
    spectra : tuple of pathlib.Path
        One MGF file per sample.
    samples : pathlib.Path
        Sample table: file, sample, group, sample_type, dilution, dose_mg, ion_mode, simulated.
    truth : pathlib.Path
        What each spectrum is: file, scan, inchikey, name; the last two are empty for noise.
    n_spectra : int
        Spectra in all files together.
    """

    spectra: tuple[Path, ...]
    samples: Path
    truth: Path
    n_spectra: int


@dataclass(frozen=True)
class _Query:
    metabolite: Metabolite | None
    precursor_mz: float
    retention_time_s: float
    mz: NDArray[np.float64]
    intensity: NDArray[np.float64]


def simulate_library(path: Path, *, seed: int = 0, energies: Sequence[float] = (10, 20, 40)) -> int:
    """Write a spectral library as MSP: every metabolite but the held-out ones, in both ion modes, at several energies.

    Each energy is said to be of a laboratory of its own, but one of five metabolites was measured by one laboratory only: when
    a library is tested on itself without the query's laboratory, other energies must do, and some queries have no answer.

    Parameters
    ----------
    path : pathlib.Path
        File to write; one that exists is replaced.
    seed : int
        Seed; the same seed gives the same bytes.
    energies : sequence of float
        Collision energies, eV.

    Returns
    -------
    int
        Number of spectra. A metabolite without an ion in one mode (a quaternary amine in negative mode) has none there.

    Raises
    ------
    BadParameter
        If there is no energy, or one is not above zero.
    """
    if not energies or min(energies) <= 0:
        raise BadParameter(f"energies is {tuple(energies)}; give at least one collision energy in eV, all above 0.")
    rng = np.random.default_rng(seed)
    modes: tuple[IonMode, ...] = ("positive", "negative")
    records: list[str] = []
    for number, metabolite in enumerate(load_metabolites()):
        for mode in modes:
            if metabolite.name in HELD_OUT or not ionises(metabolite.mol, mode):
                continue
            for laboratory, energy in enumerate(energies, 1):
                precursor_mz, clean_mz, clean = simulate_spectrum(metabolite.mol, mode, energy, rng)
                mz, intensity = add_noise(
                    clean_mz,
                    clean,
                    rng,
                    highest_mz=precursor_mz,
                    mz_error_ppm=1.0,
                    intensity_sigma=0.1,
                    n_noise_peaks=1,
                    noise_level=0.005,
                )
                adduct = fragment_ions(metabolite.mol, mode).adduct
                header = {
                    "NAME": metabolite.name,
                    "DB#": f"SIM{len(records) + 1:06d}",
                    "PRECURSORMZ": f"{precursor_mz:.5f}",
                    "PRECURSORTYPE": adduct,
                    "IONMODE": mode.capitalize(),
                    "FORMULA": metabolite.formula,
                    "SMILES": metabolite.smiles,
                    "INCHIKEY": metabolite.inchikey,
                    "ONTOLOGY": metabolite.pathway,
                    "COLLISIONENERGY": f"{energy:g} eV",
                    "INSTRUMENTTYPE": "simulated",
                    "CONTRIBUTOR": f"simulated_lab_{laboratory if number % ONE_LABORATORY_ONLY else 1}",
                    "COMMENT": LABEL,
                    "Num Peaks": str(len(mz)),
                }
                lines = [f"{key}: {value}" for key, value in header.items()]
                records.append("\n".join([*lines, *_peak_lines(mz, 999.0 * intensity / intensity.max(), "\t"), "", ""]))
    path.write_bytes("".join(records).encode())
    return len(records)


def simulate_study(directory: Path, *, seed: int = 1, n_per_group: int = 6) -> StudyFiles:
    """Write a study of two groups: one MGF file per sample, the sample table, and what each spectrum truly is.

    The abundance of a metabolite in a sample decides how often it is fragmented, how intense its spectra are and how much noise
    they carry. In the treated group the pathways of :data:`EFFECTS` differ. Of the spectra of each sample, 15 percent come from
    metabolites that the library does not have, and 5 percent are noise, half of them at the precursor of a library metabolite.

    Parameters
    ----------
    directory : pathlib.Path
        Folder to write into, made where absent.
    seed : int
        Seed; the same seed gives the same bytes.
    n_per_group : int
        Samples in each of the two groups.

    Returns
    -------
    StudyFiles
        The files, and how many spectra they hold.

    Raises
    ------
    BadParameter
        If a group would be empty.
    """
    if n_per_group < 1:
        raise BadParameter(f"n_per_group is {n_per_group}; give 1 or more.")
    directory.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    metabolites = [m for m in load_metabolites() if ionises(m.mol, "positive")]
    usual_log2 = 1.5 * rng.standard_normal(len(metabolites)) + _response(metabolites)
    retention = np.array([_retention_time_s(m) for m in metabolites]) + rng.normal(0.0, 15.0, len(metabolites))
    spectra, sample_rows, truth_rows = [], [], []
    for group in GROUPS:
        effect = np.array([EFFECTS.get(m.pathway, 0.0) if group == "treated" else 0.0 for m in metabolites])
        for replicate in range(1, n_per_group + 1):
            sample = f"{group}_{replicate:02d}"
            abundance_log2 = usual_log2 + effect + 0.5 * rng.standard_normal(len(metabolites))
            queries = _sample_queries(metabolites, abundance_log2, retention, rng)
            path = directory / f"{sample}.mgf"
            path.write_bytes("".join(_mgf_record(scan, query, sample) for scan, query in enumerate(queries, 1)).encode())
            spectra.append(path)
            sample_rows.append([path.name, sample, group, "sample", 1, 50 if group == "treated" else 0, "positive", "true"])
            for scan, query in enumerate(queries, 1):
                known = query.metabolite
                truth_rows.append([path.name, scan, known.inchikey if known else "", known.name if known else ""])
    samples, truth = directory / "samples.csv", directory / "truth.csv"
    columns = ["file", "sample", "group", "sample_type", "dilution", "dose_mg", "ion_mode", "simulated"]
    _write_csv(samples, columns, sample_rows)
    _write_csv(truth, ["file", "scan", "inchikey", "name"], truth_rows)
    return StudyFiles(tuple(spectra), samples, truth, len(truth_rows))


def _sample_queries(
    metabolites: Sequence[Metabolite],
    abundance_log2: NDArray[np.float64],
    retention: NDArray[np.float64],
    rng: np.random.Generator,
) -> list[_Query]:
    """Spectra of one sample, in the order of retention time."""
    n_spectra = int(rng.integers(125, 196))
    n_noise, n_held_out = round(SHARE_NOISE * n_spectra), round(SHARE_HELD_OUT * n_spectra)
    held_out = np.array([m.name in HELD_OUT for m in metabolites])
    # Dynamic exclusion levels the counts: a metabolite of twice the abundance is fragmented 1.6 times as often.
    preference = 2.0 ** (0.7 * abundance_log2)
    chosen: list[int] = []
    for members, n in ((held_out, n_held_out), (~held_out, n_spectra - n_noise - n_held_out)):
        share = np.where(members, preference, 0.0)
        chosen += rng.choice(len(metabolites), size=n, p=share / share.sum()).tolist()
    queries = [_measured(metabolites[i], float(abundance_log2[i]), float(retention[i]), rng) for i in chosen]
    queries += [_pure_noise(metabolites, rng, at_known_precursor=i % 2 == 0) for i in range(n_noise)]
    return sorted(queries, key=lambda query: query.retention_time_s)


def _measured(metabolite: Metabolite, abundance_log2: float, retention_time_s: float, rng: np.random.Generator) -> _Query:
    energy = float(rng.choice(STUDY_ENERGIES))
    precursor_mz, clean_mz, clean = simulate_spectrum(metabolite.mol, "positive", energy, rng)
    signal = 2.0**abundance_log2 * float(np.exp(0.4 * rng.standard_normal()))  # where on the chromatographic peak it was taken
    noise_level = float(np.clip(0.07 / math.sqrt(signal), 0.004, 0.3))
    mz, intensity = add_noise(
        clean_mz,
        clean,
        rng,
        highest_mz=precursor_mz,
        mz_error_ppm=2.5,
        intensity_sigma=0.45,
        n_noise_peaks=10,
        noise_level=noise_level,
        detection_limit=noise_level,
    )
    return _Query(
        metabolite,
        precursor_mz * (1.0 + 2e-6 * float(rng.standard_normal())),
        max(retention_time_s + 3.0 * float(rng.standard_normal()), 1.0),
        mz,
        1e5 * signal * intensity,
    )


def _pure_noise(metabolites: Sequence[Metabolite], rng: np.random.Generator, *, at_known_precursor: bool) -> _Query:
    precursor_mz = float(rng.uniform(80.0, 600.0))
    if at_known_precursor:
        chosen = metabolites[int(rng.integers(len(metabolites)))]
        precursor_mz = fragment_ions(chosen.mol, "positive").precursor_mz * (1.0 + 2e-6 * float(rng.standard_normal()))
    n_peaks = int(rng.integers(10, 31))
    mz, intensity = noise_peaks(rng, n_peaks=n_peaks, highest_mz=precursor_mz, level=2e3)
    return _Query(None, precursor_mz, float(rng.uniform(30.0, 700.0)), mz, intensity)


def _response(metabolites: Sequence[Metabolite]) -> NDArray[np.float64]:
    """Base-2 logarithm of the ion yield in positive mode: molecules with nitrogen are protonated more readily."""
    return np.array([0.7 if any(atom.GetSymbol() == "N" for atom in m.mol.GetAtoms()) else -0.7 for m in metabolites])


def _retention_time_s(metabolite: Metabolite) -> float:
    """Retention on a reversed-phase column, seconds: the more lipophilic, the later."""
    return 60.0 + 600.0 / (1.0 + math.exp(-(CalcCrippenDescriptors(metabolite.mol)[0] - 1.5) / 1.8))


def _mgf_record(scan: int, query: _Query, sample: str) -> str:
    header = {
        "TITLE": f"{sample} scan {scan}",
        "FEATURE_ID": str(scan),
        "SCANS": str(scan),
        "PEPMASS": f"{query.precursor_mz:.5f}",
        "CHARGE": "1+",
        "RTINSECONDS": f"{query.retention_time_s:.2f}",
        "MSLEVEL": "2",
        "COMMENT": LABEL,
    }
    lines = [f"{key}={value}" for key, value in header.items()]
    return "\n".join(["BEGIN IONS", *lines, *_peak_lines(query.mz, query.intensity, " "), "END IONS", "", ""])


def _peak_lines(mz: NDArray[np.float64], intensity: NDArray[np.float64], separator: str) -> list[str]:
    return [f"{m:.5f}{separator}{i:.2f}" for m, i in zip(mz.tolist(), intensity.tolist(), strict=True)]


def _write_csv(path: Path, header: list[str], rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
