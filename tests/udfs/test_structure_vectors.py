"""Structures among the vectors of spectra, in SQL."""

import numpy as np
import pyarrow as pa
import pytest

from spectradb.models.registry import OPEN_EMBEDDER, embedder
from spectradb.similarity.structures import fingerprint_bits
from spectradb.udfs.structure_vectors import structure_vector_array


def test_a_structure_has_the_learned_part_alone():
    found = structure_vector_array(pa.chunked_array([["CCO", None], ["no structure", "CCO"]]))
    assert found.is_valid().to_pylist() == [True, False, False, True]
    vector = np.array(found[0].as_py())
    model = embedder(OPEN_EMBEDDER)
    assert vector.shape == (model.dimension,)
    assert not vector[: model.n_binned].any()
    np.testing.assert_allclose(vector[model.n_binned :], model.embed_structures(fingerprint_bits(["CCO"]))[0], atol=1e-6)
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)
    assert found[3].as_py() == found[0].as_py()


def test_sql_can_call_it(tiny_lab):
    alike, other, none = tiny_lab.sql(
        "SELECT list_inner_product(structure_vector('CCCCCCCCO'), structure_vector('CCCCCCCCCO')), "
        "list_inner_product(structure_vector('CCCCCCCCO'), structure_vector('c1ccc2ncccc2c1')), structure_vector('?')"
    ).fetchall()[0]
    assert other < 0.5 < alike
    assert none is None
