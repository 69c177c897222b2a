"""Structures are placed among the vectors of spectra when the analogue model embeds a lab, and shown by analytes."""

import dataclasses

import numpy as np
import pytest
from tiny_lab import build

from spectradb.embedders.analogue.embedder import AnalogueEmbedder
from spectradb.embedding.structure_places import fill_structure_places
from spectradb.models.registry import OPEN_EMBEDDER, embedder
from spectradb.similarity.structures import fingerprint_bits

PLACED = "SELECT analyte_id, smiles, structure_embedding_analogue FROM analytes ORDER BY analyte_id"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    with build(tmp_path_factory.mktemp("placed")) as made:
        yield made


def test_analytes_have_the_places_of_their_structures_once_the_model_has_embedded(lab):
    assert {row[2] for row in lab.sql(PLACED).fetchall()} == {None}
    report = lab.embed(OPEN_EMBEDDER)
    rows = lab.sql(PLACED).fetchall()
    structures = len(lab.files.record.read("structures", columns=["structure_id"], where="smiles IS NOT NULL"))
    assert (report.n_structures, report.as_dict()["structures"]) == (structures, structures)
    assert f"  {structures} structures placed among them" in report.lines()
    expected = embedder(OPEN_EMBEDDER).embed_structures(fingerprint_bits([row[1] for row in rows]))
    np.testing.assert_allclose(np.array([row[2] for row in rows]), expected, atol=2e-3)
    np.testing.assert_allclose(np.linalg.norm([row[2] for row in rows], axis=1), 1.0, atol=1e-5)


def test_only_what_came_later_is_placed_again(lab, tmp_path):
    lab.embed(OPEN_EMBEDDER)
    before = lab.files.record.versions(["structures"])
    assert lab.embed(OPEN_EMBEDDER).n_structures == 0
    assert lab.files.record.versions(["structures"]) == before
    peaks = "BEGIN IONS\nTITLE={0}\nNAME={0}\nPEPMASS=75.0\nCHARGE=1+\nIONMODE=positive\nSMILES={1}\n50.0 1\n60.0 2\nEND IONS\n"
    file = tmp_path / "later.mgf"
    file.write_text(peaks.format("glycinamide", "NCC(N)=O"))
    lab.import_library("later", file)
    new = "SELECT structure_embedding_analogue IS NULL FROM analytes WHERE formula = 'C2H6N2O'"
    assert lab.sql(new).fetchall() == [(True,)]
    assert lab.embed(OPEN_EMBEDDER).n_structures == 1
    assert lab.sql(new).fetchall() == [(False,)]


def test_another_version_of_the_model_places_anew(lab):
    lab.embed(OPEN_EMBEDDER)
    model = embedder(OPEN_EMBEDDER)
    other = AnalogueEmbedder(dataclasses.replace(model._checkpoint, digest="other"))
    n = len(lab.files.record.read("structures", columns=["structure_id"], where="smiles IS NOT NULL"))
    assert fill_structure_places(lab.files.record, other) == n
    assert fill_structure_places(lab.files.record, model) == n
    assert fill_structure_places(lab.files.record, embedder("binned")) == 0
