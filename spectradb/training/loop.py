"""The training loop: batches from precursor windows, contrastive loss, moving average of the weights, resumable.

The whole padded training set lies on the device, and every random choice follows from the seed and the number of the step. So a
run that was killed and resumed gives the weights of one that was not.
"""

from __future__ import annotations

import copy
import math
from typing import TYPE_CHECKING

import torch

from spectradb.embedders.transformer.network import SpectrumEncoder, encode_by_length
from spectradb.embedders.transformer.tokens import pad_peaks
from spectradb.training.augmentation import augment, make_analogues, window_groups
from spectradb.training.losses import contrastive_loss, pair_masks
from spectradb.training.runs.resumable import ResumableTrainer
from spectradb.training.sampler import WindowSampler

if TYPE_CHECKING:
    from spectradb.arrays.annotated_spectra import TrainingData
    from spectradb.embedders.transformer.tokens import PaddedPeaks
    from spectradb.training.config import OptimisationConfig, TrainingConfig
    from spectradb.training.losses import PairMasks


class Trainer(ResumableTrainer):
    """One training run.

    Parameters
    ----------
    config : TrainingConfig
        Settings.
    data : TrainingData
        All spectra; the split says which are trained on.
    device : torch.device
        Where to compute; on CUDA in bfloat16 where that is safe.

    Attributes
    ----------
    model : SpectrumEncoder
        The network as it is trained.
    average : SpectrumEncoder
        The moving average of its weights: the result.
    step : int
        Batches done.
    """

    model: SpectrumEncoder
    average: SpectrumEncoder

    def __init__(self, config: TrainingConfig, data: TrainingData, *, device: torch.device) -> None:
        self.config = config
        self.device = device
        self.digest = data.digest
        chosen = data.take(data.training_rows(config.split))
        self.n_spectra = len(chosen)
        self.sampler = WindowSampler(
            analyte=chosen.analyte,
            contributor=chosen.contributor,
            precursor_mz=chosen.peaks.precursor_mz,
            ion_mode=chosen.peaks.ion_mode,
            config=config.sampler,
            seed=config.seed,
        )
        self.peaks = pad_peaks(chosen.peaks, n_peaks=config.model.n_peaks).to(device)
        self.analyte = torch.from_numpy(chosen.analyte).to(device)
        self.contributor = torch.from_numpy(chosen.contributor).to(device)
        torch.manual_seed(config.seed)
        self.model = SpectrumEncoder(config.model).to(device)
        self.average = copy.deepcopy(self.model).eval().requires_grad_(requires_grad=False)
        self.optimizer = _optimizer(self.model, config.optimisation)
        self.step = 0

    def train_step(self) -> float:
        """Train on one batch.

        Returns
        -------
        float
            Loss before the step.
        """
        settings = self.config.optimisation
        seed = (self.config.seed << 32) + self.step
        torch.manual_seed(seed)  # for dropout
        chance = torch.Generator(device=self.device).manual_seed(seed)
        rows = torch.from_numpy(self.sampler.batch(self.step)).to(self.device)
        peaks = self.peaks.take(rows)
        masks = pair_masks(
            analyte=self.analyte[rows],
            contributor=self.contributor[rows],
            precursor_mz=peaks.precursor_mz,
            ion_mode=peaks.ion_mode,
            window_ppm=self.config.sampler.window_ppm,
        )
        partner = self._partners(rows, masks, chance)
        strengths = self.config.augmentation
        if strengths.analogues:
            windows = window_groups(peaks.precursor_mz, peaks.ion_mode, window_ppm=self.config.sampler.window_ppm)
            peaks = make_analogues(peaks, windows, probability=strengths.analogues, generator=chance)
        changed = augment(peaks, strengths, generator=chance, partner=partner)
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.step, settings)
        self.model.train()
        loss = self._loss(changed, masks, self.contributor[rows])
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.step += 1
        decay = min(settings.ema_decay, (1.0 + self.step) / (10.0 + self.step))
        with torch.no_grad():
            for mean, value in zip(self.average.parameters(), self.model.parameters(), strict=True):
                mean.lerp_(value, 1.0 - decay)
        return float(loss.detach())

    def _loss(self, peaks: PaddedPeaks, masks: PairMasks, contributor: torch.Tensor) -> torch.Tensor:
        settings = self.config.optimisation
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.device.type == "cuda"):
            # Many groups by length pay on a CPU; on a GPU two halves do, which launch few kernels and pad little.
            hashed, encoded = encode_by_length(self.model, peaks, n_buckets=12 if self.device.type == "cpu" else 2)
        hash_scale, encoder_scale = self.model.log_scales.exp()
        encoder_logits = encoder_scale * (encoded @ encoded.T)
        logits = hash_scale * (hashed @ hashed.T) + encoder_logits
        inside = masks.negative & masks.window
        foreign = inside & (contributor[:, None] != contributor) if settings.foreign_negatives else inside
        each = settings.each_positive
        loss = contrastive_loss(logits, positive=masks.positive, negative=foreign, each_positive=each)
        if settings.global_weight:
            everywhere = contrastive_loss(logits, positive=masks.positive, negative=masks.negative, each_positive=each)
            loss = loss + settings.global_weight * everywhere
        if settings.encoder_weight:
            alone = contrastive_loss(2.0 * encoder_logits, positive=masks.positive, negative=inside, each_positive=each)
            loss = loss + settings.encoder_weight * alone
        return loss

    def _partners(self, rows: torch.Tensor, masks: PairMasks, chance: torch.Generator) -> torch.Tensor:
        """Choose a spectrum of the same analyte, ion mode and contributor to merge each one with, or the spectrum itself."""
        alike = masks.window & (self.analyte[rows][:, None] == self.analyte[rows])
        alike &= self.contributor[rows][:, None] == self.contributor[rows]
        return (torch.rand(alike.shape, generator=chance, device=self.device) * alike).argmax(dim=1)


def learning_rate(step: int, settings: OptimisationConfig) -> float:
    """Return the learning rate of a step: linear warm-up, constant, then half a cosine down to 0.

    Parameters
    ----------
    step : int
        Number of the step, from 0.
    settings : OptimisationConfig
        Highest rate, and numbers of steps.

    Returns
    -------
    float
        Learning rate.
    """
    if step < settings.warmup_steps:
        return settings.learning_rate * (step + 1) / settings.warmup_steps
    decay_steps = settings.decay_share * (settings.n_steps - settings.warmup_steps)
    done = (step - settings.n_steps + decay_steps) / max(decay_steps, 1.0)
    return settings.learning_rate * 0.5 * (1.0 + math.cos(math.pi * min(max(done, 0.0), 1.0)))


def _optimizer(model: SpectrumEncoder, settings: OptimisationConfig) -> torch.optim.AdamW:
    matrices = [value for value in model.parameters() if value.ndim > 1]
    others = [value for value in model.parameters() if value.ndim <= 1]
    groups = [{"params": matrices, "weight_decay": settings.weight_decay}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=settings.learning_rate, betas=(0.9, 0.98))
