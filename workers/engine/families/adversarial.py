"""One step of a conditional GAN: the discriminator first, then the generator (Isola et al. 2017, section 3.3).

The pictures drawn for the discriminator's turn are those of the generator's own graph, detached: one forward pass of the
generator serves both. While the generator learns, the discriminator's weights ask for no gradient.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from workers.engine.families.family import Batch, Learner, Losses, Surroundings
from workers.engine.networks.pix2pix import PatchDiscriminator
from workers.engine.training import losses as measure
from workers.engine.training.diffaugment import DiffAugment
from workers.engine.training.updating import adam, update

Extra = Callable[[Tensor, Batch], Tensor]


class AdversarialLearner(Learner):
    """Generator against discriminator. `extra` are further losses of the picture alone: name -> (weight, loss).

    `feature_weight` compares the discriminator's layers between drawn and real; the real ones come from the
    discriminator's own turn, before its step, which saves a pass.
    """

    def __init__(
        self,
        networks: dict[str, nn.Module],
        options: Mapping[str, Any],
        around: Surroundings,
        extra: Mapping[str, tuple[float, Extra]],
        *,
        feature_weight: float = 0.0,
        together: bool = False,
    ):
        self.networks, self.options, self.around = networks, options, around
        self.generator = networks["generator"]
        discriminator = networks["discriminator"]
        if not isinstance(discriminator, PatchDiscriminator):
            raise TypeError("the features of a PatchDiscriminator are needed")
        self.discriminator = discriminator
        betas = (options["beta1"], options["beta2"])
        self.optimisers = {
            "generator": adam(self.generator, options["lr"], betas),
            "discriminator": adam(self.discriminator, options["lr_discriminator"], betas),
        }
        self.extra = extra
        self.feature_weight = feature_weight
        # A batch normalisation must see real and drawn pairs apart; without one they share a pass.
        self.together = together

    def step(self, parts: Sequence[Batch], epoch: float) -> tuple[Losses, Tensor]:
        held: list[Tensor | None] = [self._draw(part) if len(parts) == 1 else None for part in parts]
        augments = [DiffAugment(part.source, self.options["diffaugment"]) for part in parts]
        totals: dict[str, Tensor] = {}
        real_layers: list[list[Tensor]] = []
        for part, kept, augment in zip(parts, held, augments, strict=True):
            if kept is None:  # several graphs at once would take the memory that the parts are to save
                with torch.no_grad():
                    kept = self._draw(part)
            loss, layers = self._discriminator_loss(part, kept.detach(), augment)
            real_layers.append(layers)
            (loss * part.share).backward()
            _add(totals, "discriminator", loss, part.share)
            self.around.tick()
        update(self.discriminator, self.optimisers["discriminator"], self.around.reduce, self.options["grad_clip"])
        self.discriminator.requires_grad_(False)
        try:
            for part, kept, augment, layers in zip(parts, held, augments, real_layers, strict=True):
                drawn = self._draw(part) if kept is None else kept
                loss = self._generator_loss(part, drawn, augment, layers, totals)
                self.around.tick()
                (loss * part.share).backward()
                self.around.tick()
        finally:
            self.discriminator.requires_grad_(True)
        update(self.generator, self.optimisers["generator"], self.around.reduce, self.options["grad_clip"])
        return totals, drawn.detach()

    def _draw(self, part: Batch) -> Tensor:
        with self.around.autocast():
            return self.generator(part.source)

    def _discriminator_loss(self, part: Batch, drawn: Tensor, augment: DiffAugment) -> tuple[Tensor, list[Tensor]]:
        real_pair = augment(torch.cat([part.source, part.target], dim=1))
        drawn_pair = augment(torch.cat([part.source, drawn.to(part.source.dtype)], dim=1))
        with self.around.autocast():
            if self.together:
                layers = self.discriminator.outputs(torch.cat([real_pair, drawn_pair]))
                n = len(real_pair)
                real, drawn_logits = layers[-1][:n], layers[-1][n:]
                layers = [layer[:n] for layer in layers]
            else:
                layers = self.discriminator.outputs(real_pair)
                real, drawn_logits = layers[-1], self.discriminator(drawn_pair)
        loss = measure.discriminator_loss(self.options["gan"], real, drawn_logits)
        return loss, [layer.detach() for layer in layers[:-1]] if self.feature_weight else []

    def _generator_loss(
        self, part: Batch, drawn: Tensor, augment: DiffAugment, real_layers: list[Tensor], totals: dict[str, Tensor]
    ) -> Tensor:
        pair = augment(torch.cat([part.source, drawn.to(part.source.dtype)], dim=1))
        with self.around.autocast():
            layers = self.discriminator.outputs(pair)
        terms = {"gan": (1.0, measure.generator_loss(self.options["gan"], layers[-1]))}
        for name, (weight, loss) in self.extra.items():
            terms[name] = (weight, loss(drawn, part))
        if self.feature_weight:
            terms["features"] = (self.feature_weight, measure.feature_loss(layers[:-1], real_layers))
        for name, (_, value) in terms.items():
            _add(totals, name, value, part.share)
        return torch.stack([weight * value for weight, value in terms.values()]).sum()


def _add(totals: dict[str, Tensor], name: str, value: Tensor, share: float) -> None:
    part = value.detach() * share
    totals[name] = totals[name] + part if name in totals else part
