import numpy as np
import torch
from made_spectra import batch_of, random_batch

from spectradb.embedders.binned import BinnedEmbedder
from spectradb.embedders.transformer.peak_hash import PeakHash
from spectradb.embedders.transformer.tokens import pad_peaks


def test_without_gates_it_is_the_binned_vector():
    batch = random_batch(200, longest=40)
    vectors = PeakHash(512)(pad_peaks(batch, n_peaks=40)).numpy()
    np.testing.assert_allclose(vectors, BinnedEmbedder().embed(batch), atol=2e-6)


def test_a_closed_gate_removes_a_peak_except_from_the_weights_of_the_others():
    peaks = pad_peaks(batch_of([(50.0, 4.0), (60.0, 4.0)], [(50.0, 4.0)], precursor_mz=[300.0, 300.0]), n_peaks=2)
    gates = torch.ones(2, 2, 2)
    gates[0, 1] = 0.0
    first, second = PeakHash(512)(peaks, gates)
    torch.testing.assert_close(first, second)


def test_gates_of_losses_and_fragments_are_apart():
    peaks = pad_peaks(batch_of([(50.0, 4.0)], [(50.0, 4.0)], precursor_mz=[300.0, np.nan]), n_peaks=1)
    gates = torch.ones(2, 1, 2)
    gates[0, 0, 1] = 0.0
    first, second = PeakHash(512)(peaks, gates)
    torch.testing.assert_close(first, second)


def test_gates_carry_a_gradient():
    gates = torch.ones(1, 2, 2, requires_grad=True)
    vector = PeakHash(64)(pad_peaks(batch_of([(50.0, 4.0), (60.0, 2.0)]), n_peaks=2), gates)
    vector[0, vector[0].argmax()].backward()
    assert gates.grad.abs().sum() > 0
