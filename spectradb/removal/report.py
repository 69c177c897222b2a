"""What a removal did, or would do."""

from __future__ import annotations

from dataclasses import dataclass, field

#: How a row of a table is called, where it is not the table's name without its last letter; NULL: not worth a word.
_ONE = {
    "spectra": "spectrum",
    "studies": None,
    "libraries": None,
    "models": None,
    "import_log": None,
    "searches": "search",
    "benchmark_results": None,
    "tautomers": None,
    "mces": "MCES distance",
    "spectrum_codewords": "codeword of a spectrum",
    "group_markers": "marker",
    "clusterings": None,
    "feature_areas": "area of a feature",
    "cluster_members": "member of a cluster",
    "sample_projection": "point of a projection",
    "codebooks": "codeword",
    "calibrations": None,
    "benchmarks": None,
    "sample_predictions": "prediction",
}
_MANY = {"spectra": "spectra", "searches": "searches", "spectrum_codewords": "codewords of spectra", "mces": "MCES distances"}
_MANY |= {"sample_projection": "points of projections", "cluster_members": "members of clusters"}
_MANY |= {"feature_areas": "areas of features"}


@dataclass(frozen=True)
class RemovalReport:
    """What a removal did, or would do.

    Parameters
    ----------
    kind, name : str
        What was removed.
    counts : dict of str to int
        Rows of the record's tables that went with it.
    searches, calibrations, benchmarks : tuple of str
        Names of those that went with it.
    vectors : bool
        Whether the vectors of a model went.
    files : bool
        Whether files of a model went.
    dry_run : bool
        Nothing was done.
    """

    kind: str
    name: str
    counts: dict[str, int] = field(default_factory=dict)
    searches: tuple[str, ...] = ()
    calibrations: tuple[str, ...] = ()
    benchmarks: tuple[str, ...] = ()
    vectors: bool = False
    files: bool = False
    dry_run: bool = False

    def lines(self) -> list[str]:
        """Describe it to a person.

        Returns
        -------
        list of str
            Lines of text.
        """
        done = "would be removed" if self.dry_run else "removed"
        parts = [*(["its vectors"] if self.vectors else []), *(["its files"] if self.files else [])]
        parts += [text for table, n in self.counts.items() if (text := _counted(table, n))]
        lines = [f"{self.kind} {self.name} {done}" + (f": {', '.join(parts)}" if parts else "")]
        others = [search for search in self.searches if (self.kind, self.name) != ("search", search)]
        for what, names in (("searches", others), ("calibrations", self.calibrations), ("benchmarks", self.benchmarks)):
            if names:
                lines.append(f"  with it the {what} {', '.join(names)}")
        if not self.dry_run:
            lines.append("  the space is freed by `spectradb clean --older-than-days 0`, once nobody reads the lab as it was")
        return lines

    def as_dict(self) -> dict[str, object]:
        """Describe it to a program.

        Returns
        -------
        dict
            Values that JSON can hold.
        """
        return dict(self.__dict__)


def _counted(table: str, n: int) -> str | None:
    name = table.replace("_", " ")
    one = _ONE.get(table, name.removesuffix("s"))
    if one is None:
        return None
    return f"{n:,} {one if n == 1 else _MANY.get(table, f'{one}s')}"
