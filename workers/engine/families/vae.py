"""The VAE as a conditional generator: from the source's code to the target, by pixel loss and KL divergence."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from workers.engine.families.family import Batch, Family, Learner, Losses, Surroundings
from workers.engine.networks.vae import Vae, kl_divergence
from workers.engine.training.losses import summed_pixel_loss
from workers.engine.training.updating import adam, update


class VaeSeed(Family):
    """`vae.seed`; with `size` 128 the flattened encoder and the decoder lose their innermost halving."""

    width, code, halvings = 32, 256, 6

    def generator(self) -> nn.Module:
        return Vae(
            self.options["size"],
            width=self.width,
            code=self.code,
            halvings=self.halvings,
            dropout=self.options["dropout"],
        )

    def learner(self, networks: dict[str, nn.Module], around: Surroundings) -> Learner:
        return VaeLearner(networks, self.options, around)


class VaeTiny(VaeSeed):
    """`vae.tiny`."""

    width, code, halvings = 4, 16, 3


class VaeLearner(Learner):
    """Pixel loss, summed over a picture, plus `kl_weight` times the KL divergence, which rises from 0 at first."""

    def __init__(self, networks: dict[str, nn.Module], options: Mapping[str, Any], around: Surroundings):
        self.networks, self.options, self.around = networks, options, around
        vae = networks["generator"]
        if not isinstance(vae, Vae):
            raise TypeError("a Vae is needed")
        self.vae = vae
        self.optimisers = {"generator": adam(vae, options["lr"], (options["beta1"], options["beta2"]))}

    def step(self, parts: Sequence[Batch], epoch: float) -> tuple[Losses, Tensor]:
        warmup = self.options["kl_warmup"]
        weight = self.options["kl_weight"] * (min(1.0, epoch / warmup) if warmup else 1.0)
        totals: Losses = {}
        for part in parts:
            with self.around.autocast():
                drawn, mean, log_variance = self.vae.with_code(part.source)
            self.around.tick()
            pixels = summed_pixel_loss(self.options["pixel_loss"], drawn, part.target)
            kl = kl_divergence(mean, log_variance)
            ((pixels + weight * kl) * part.share).backward()
            for name, value in (("pixels", pixels / drawn[0].numel()), ("kl", kl)):  # per value, to be readable
                totals[name] = totals.get(name, torch.zeros((), device=value.device)) + value.detach() * part.share
            self.around.tick()
        update(self.vae, self.optimisers["generator"], self.around.reduce, self.options["grad_clip"])
        return totals, drawn.detach()
