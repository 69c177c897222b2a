"""A lab of eight made-up runs in two groups, and a blank: all that an aggregation or a classifier must find is known.

Each run of the group ``sick`` has two spectra of one compound and one of a compound that all runs have; each run of ``well``
has two of another compound in place of the first. Four patients gave two runs each; ``dose`` is 1 for the sick and 0 for the
well. The blank shows the common compound alone. Half of the runs of each group were measured by RP, half by HILIC.
"""

from pathlib import Path

from empty_lab import empty_lab

PEAKS = {
    "sick": (200.1, "60.05 20\n90.1 100\n130.2 {jitter}"),
    "well": (300.2, "75.03 100\n110.4 60\n250.1 {jitter}"),
    "common": (150.0, "50.01 100\n77.04 40"),
}
RUNS = [
    ("s1", "sick", "p1", "RP"),
    ("s2", "sick", "p1", "HILIC"),
    ("s3", "sick", "p2", "RP"),
    ("s4", "sick", "p2", "HILIC"),
    ("w1", "well", "p3", "RP"),
    ("w2", "well", "p3", "HILIC"),
    ("w3", "well", "p4", "RP"),
    ("w4", "well", "p4", "HILIC"),
]


def spectrum(kind, title, *, jitter=30):
    """Write one spectrum as MGF."""
    precursor_mz, peaks = PEAKS[kind]
    text = peaks.format(jitter=jitter)
    return f"BEGIN IONS\nTITLE={title}\nPEPMASS={precursor_mz}\nCHARGE=1+\n{text}\nEND IONS\n"


def build(folder: Path):
    """Make the lab in ``folder/lab``: imported and embedded with ``binned``."""
    rows = ["file,sample,sample_type,group,patient,dose,chromatography,ion_mode"]
    files = []
    for number, (name, group, patient, chromatography) in enumerate(RUNS):
        kinds = (group, group, "common")
        text = "\n".join(spectrum(kind, f"{name}:{i}", jitter=20 + 3 * number + i) for i, kind in enumerate(kinds))
        files.append(folder / f"{name}.mgf")
        files[-1].write_text(text)
        rows.append(f"{name}.mgf,{name},sample,{group},{patient},{int(group == 'sick')},{chromatography},positive")
    files.append(folder / "blank.mgf")
    files[-1].write_text(spectrum("common", "blank:1"))
    rows.append("blank.mgf,blank,Blank,,,,,positive")
    (folder / "samples.csv").write_text("\n".join(rows))
    lab = empty_lab(folder / "lab")
    lab.import_study("ward", files, samples=folder / "samples.csv")
    lab.embed("binned")
    return lab
