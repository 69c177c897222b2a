"""Families of a network: spectra that are connected, none larger than a limit, as the macro ``network_families`` finds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    import numpy.typing as npt

    from spectradb.networks.links import Links

#: Steps of the score from 0 to 1 by which large families are parted.
STEPS = 50


def families(links: Links, ids: npt.NDArray[np.int64], *, max_size: int) -> pa.Table:
    """Find the families.

    Parameters
    ----------
    links : Links
        The network.
    ids : numpy.ndarray of int64, shape (n,)
        Ids of the spectra that the links name by their places.
    max_size : int
        Most spectra of a family.

    Returns
    -------
    pyarrow.Table
        spectrum_id, family_id, family_size, least_score, as the macro ``network_families`` gives them; a row for each spectrum
        that has a link.
    """
    score = links.score.astype(np.float64)
    nodes, ends = np.unique(np.concatenate([links.first, links.second]), return_inverse=True)
    first, second = ends[: len(score)], ends[len(score) :]
    node_ids, n = ids[nodes], len(nodes)
    family, size, least = node_ids.copy(), np.ones(n, np.int32), np.full(n, np.nan)
    is_open = np.ones(n, dtype=bool)
    first_step, last_step = (int(np.floor(bound(score) * STEPS)) for bound in (np.min, np.max)) if n else (0, -1)
    for step in range(first_step, last_step + 1):
        counts = is_open[first] & ((step == first_step) | (score >= step / STEPS))
        graph = coo_array((counts[counts], (first[counts], second[counts])), shape=(n, n))
        n_parts, part = connected_components(graph, directed=False)
        sizes, smallest = np.bincount(part, minlength=n_parts), np.full(n_parts, np.iinfo(np.int64).max)
        np.minimum.at(smallest, part, node_ids)
        closing = is_open & (sizes[part] <= max_size)
        family[closing], size[closing] = smallest[part[closing]], sizes[part[closing]]
        least[closing] = np.where(sizes[part[closing]] > 1, step / STEPS, np.nan)
        is_open &= ~closing
        if not is_open.any():
            break
    columns = {"spectrum_id": node_ids, "family_id": family, "family_size": size}
    return pa.table(columns | {"least_score": pa.array(least, from_pandas=True)})
