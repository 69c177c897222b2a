import math

import numpy as np
import pytest
import torch

from spectradb.training.losses import contrastive_loss, pair_masks


def random_pairs(n=12, seed=0):
    chance = np.random.default_rng(seed)
    logits = torch.tensor(chance.normal(size=(n, n)) * 3, dtype=torch.float32)
    kind = chance.integers(0, 3, (n, n))
    kind[3] = 0  # a row without positives
    kind[4] = 1  # a row without negatives
    return logits, torch.tensor(kind == 1), torch.tensor(kind == 2)


@pytest.mark.parametrize("each_positive", [False, True])
def test_the_loss_is_that_of_plain_loops(each_positive):
    logits, positive, negative = random_pairs()
    terms = []
    for row in range(len(logits)):
        good = [math.exp(logits[row, c]) for c in range(len(logits)) if positive[row, c]]
        bad = [math.exp(logits[row, c]) for c in range(len(logits)) if negative[row, c]]
        if not good or not bad:
            continue
        if each_positive:
            terms.append(sum(-math.log(value / (value + sum(bad))) for value in good) / len(good))
        else:
            terms.append(-math.log(sum(good) / (sum(good) + sum(bad))))
    loss = contrastive_loss(logits, positive=positive, negative=negative, each_positive=each_positive)
    assert len(terms) == 10
    assert loss.item() == pytest.approx(sum(terms) / len(terms), rel=1e-5)


@pytest.mark.parametrize("each_positive", [False, True])
def test_gradients_are_finite_where_rows_lack_positives_or_negatives(each_positive):
    logits, positive, negative = random_pairs()
    logits.requires_grad_()
    contrastive_loss(logits, positive=positive, negative=negative, each_positive=each_positive).backward()
    assert torch.isfinite(logits.grad).all()
    assert (logits.grad[3] == 0).all()
    assert (logits.grad[4] == 0).all()


def test_a_batch_without_contrast_costs_nothing():
    logits = torch.ones(2, 2, requires_grad=True)
    nothing = torch.zeros(2, 2, dtype=torch.bool)
    loss = contrastive_loss(logits, positive=nothing, negative=nothing)
    loss.backward()
    assert loss.item() == 0.0


def test_pairs_are_those_of_plain_loops():
    chance = np.random.default_rng(3)
    n = 60
    analyte, contributor = chance.integers(0, 8, n), chance.integers(0, 3, n)
    mode = chance.choice([-1, 1], n)
    precursor = 300.0 * (1 + 1e-6 * chance.uniform(0, 60, n))
    masks = pair_masks(
        analyte=torch.tensor(analyte),
        contributor=torch.tensor(contributor),
        precursor_mz=torch.tensor(precursor),
        ion_mode=torch.tensor(mode),
        window_ppm=15.0,
    )
    for a in range(n):
        inside = [mode[a] == mode[b] and abs(precursor[b] - precursor[a]) <= 15e-6 * precursor[a] for b in range(n)]
        partners = [b for b in range(n) if b != a and inside[b] and analyte[a] == analyte[b]]
        elsewhere = [b for b in partners if contributor[a] != contributor[b]]
        assert masks.window[a].tolist() == inside
        assert masks.positive[a].nonzero().ravel().tolist() == (elsewhere or partners)
        assert masks.negative[a].tolist() == [mode[a] == mode[b] and analyte[a] != analyte[b] for b in range(n)]
