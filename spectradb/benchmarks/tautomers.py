"""Filling the table ``tautomers``: which of the analytes that searches confuse are one compound in solution."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
from tqdm import tqdm

from spectradb import schemas
from spectradb.benchmarks.mces import check_searches
from spectradb.late_modules import late
from spectradb.store.locks import exclusive
from spectradb.store.record_schema import table_schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from spectradb.store.record import Record

Chem = late("rdkit.Chem")
rdinchi = late("rdkit.Chem.rdinchi")
standardize = late("rdkit.Chem.MolStandardize.rdMolStandardize")
base = late("rdkit.rdBase")

_ROWS_PER_COMMIT = 500


@dataclass(frozen=True)
class TautomerReport:
    """What filling the table of tautomers did.

    Parameters
    ----------
    n_analytes : int
        Analytes that the searches confuse.
    n_computed, n_present : int
        Those computed now, and those already present.
    n_failed : int
        Analytes without a structure, or whose structure has no canonical tautomer.
    seconds : float
        Time it took.
    """

    n_analytes: int
    n_computed: int
    n_present: int
    n_failed: int
    seconds: float

    def lines(self) -> list[str]:
        """Describe it to a person.

        Returns
        -------
        list of str
            Lines of text.
        """
        done = (
            f"{self.n_analytes:,} confused analytes: {self.n_computed:,} canonical tautomers computed in {self.seconds:.1f} s"
        )
        return [f"{done}, {self.n_present:,} already present, {self.n_failed:,} have none"]

    def as_dict(self) -> dict[str, object]:
        """Describe it to a program.

        Returns
        -------
        dict
            Values that JSON can hold.
        """
        return dict(self.__dict__)


def tautomer_id(smiles: str) -> str | None:
    """Name a structure so that tautomers, salts and charged forms of one compound have one name.

    Parameters
    ----------
    smiles : str
        The structure.

    Returns
    -------
    str or None
        First 14 characters of the InChIKey of the canonical tautomer (RDKit's) of the largest organic fragment, uncharged as
        far as protons allow; None when the structure cannot be read.
    """
    with base.BlockLogs():
        molecule = Chem.MolFromSmiles(smiles)
        if molecule is None or molecule.GetNumAtoms() == 0:
            return None
        try:
            fragment = standardize.LargestFragmentChooser(preferOrganic=True).choose(molecule)
            uncharged = standardize.Uncharger().uncharge(fragment)
            canonical = standardize.TautomerEnumerator().Canonicalize(uncharged)
        except (RuntimeError, ValueError):
            # Chemistry that a tautomer of the structure violates.
            return None
        key = rdinchi.MolToInchiKey(canonical)
    return key[:14] if key else None


def fill_tautomers(
    record: Record, con: duckdb.DuckDBPyConnection, searches: Sequence[str], *, quiet: bool = True
) -> TautomerReport:
    """Compute the canonical tautomers of the analytes that searches confuse although the right one was in reach.

    Parameters
    ----------
    record : Record
        The lab's record, to whose table ``tautomers`` they are added.
    con : duckdb.DuckDBPyConnection
        The published lab.
    searches : sequence of str
        Their search_id.
    quiet : bool
        Show no progress bar.

    Returns
    -------
    TautomerReport
        What was done.

    Raises
    ------
    BadParameter
        If there is no such search.
    """
    check_searches(con, searches)
    start = time.monotonic()
    analytes: dict[str, str | None] = {}
    for search in searches:
        analytes.update(con.execute(schemas.read("queries/retrieval/confused_analytes"), {"search": search}).fetchall())
    rows: list[dict[str, str]] = []
    n_computed = n_failed = 0
    with exclusive(record.path.parent / "locks" / "tautomers.lock"):
        known = set(record.read("tautomers", columns=["analyte_id"])["analyte_id"].to_pylist())
        missing = {analyte: smiles for analyte, smiles in sorted(analytes.items()) if analyte not in known}
        for analyte, smiles in tqdm(missing.items(), desc="tautomers", unit="analyte", disable=True if quiet else None):
            found = tautomer_id(smiles) if smiles else None
            if found is None:
                n_failed += 1
                continue
            rows.append({"analyte_id": analyte, "tautomer_id": found, "rdkit_version": base.rdkitVersion})
            n_computed += 1
            if len(rows) >= _ROWS_PER_COMMIT:
                record.append("tautomers", pa.Table.from_pylist(rows, schema=table_schema("tautomers")))
                rows = []
        record.append("tautomers", pa.Table.from_pylist(rows, schema=table_schema("tautomers")))
    return TautomerReport(len(analytes), n_computed, len(analytes) - len(missing), n_failed, time.monotonic() - start)
