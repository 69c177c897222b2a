"""A lab whose library was measured by several laboratories, small enough to be known by heart."""

from empty_lab import empty_lab

LEUCINE, ISOLEUCINE = "ROHFNLRQFUQHCH", "AGPKZVBTJJNPAG"
SMILES = {LEUCINE: "CC(C)C[C@H](N)C(=O)O", ISOLEUCINE: "CC[C@H](C)[C@H](N)C(=O)O"}

# Native id, laboratory, analyte, peaks. B1 is a copy of A1, and E2 knows no laboratory.
SPECTRA = [
    ("A1", "Aa", LEUCINE, [(43.05, 10), (86.0, 100)]),
    ("A2", "Aa", LEUCINE, [(43.05, 20), (86.0, 100)]),
    ("B1", "Bb", LEUCINE, [(43.05, 10), (86.0, 100)]),
    ("B2", "Bb", ISOLEUCINE, [(69.07, 60), (86.0, 100)]),
    ("C1", "Cc", ISOLEUCINE, [(69.07, 50), (86.0, 100)]),
    ("E1", None, LEUCINE, [(43.05, 30), (86.0, 100)]),
    ("E2", None, ISOLEUCINE, [(69.07, 70), (86.0, 100)]),
]


def build(folder):
    """Make the lab with the library ``shared``."""
    rows = [
        f"SELECT '{native_id}' AS native_id, {quoted(laboratory)} AS contributor, '{SMILES[analyte]}' AS smiles, "
        "132.1019 AS precursor_mz, 'positive' AS ion_mode, '[M+H]+' AS adduct, "
        f"{[mz for mz, _ in peaks]} AS mz, {[height for _, height in peaks]} AS intensity"
        for native_id, laboratory, analyte, peaks in SPECTRA
    ]
    (folder / "one.csv").write_text("one\n1\n")
    lab = empty_lab(folder / "lab")
    lab.import_library(
        "shared", folder / "one.csv", select=f"SELECT made.* FROM ({' UNION ALL '.join(rows)}) AS made, '{{file}}'"
    )
    lab.embed("binned")
    return lab


def quoted(text):
    return "NULL" if text is None else f"'{text}'"
