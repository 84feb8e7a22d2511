"""Trainings that have broken down, stopped with a plain explanation instead of burning hours."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from workers.engine.errors import InputError

_KEPT = "The checkpoints made so far can be used."


@dataclass
class Watch:
    """Looks at losses and drawings now and then; raises InputError when the training cannot recover.

    `patience` is how many steps a bad state must last. Pictures are flat when all of them vary by less than `flat`
    (of 2, the whole range) while the targets vary more. The discriminator has won when its loss is below `won` while
    the generator's adversarial loss is above `lost`.
    """

    patience: int = 500
    flat: float = 0.02
    won: float = 1e-3
    lost: float = 10.0
    _flat_since: int | None = None
    _won_since: int | None = None

    def losses(self, step: int, losses: dict[str, float]) -> None:
        """Refuse a loss that is no number, and a discriminator that leaves the generator nothing to learn."""
        for name, value in losses.items():
            if not math.isfinite(value):
                raise InputError(
                    f"The training broke down at step {step}: the loss {name} is no longer a number. {_KEPT} Start again "
                    "from one of them with a lower learning rate, a largest gradient (grad_clip 1), or float32."
                )
        dead = losses.get("discriminator", 1.0) < self.won and losses.get("gan", 0.0) > self.lost
        self._won_since = (self._won_since or step) if dead else None
        if self._won_since is not None and step - self._won_since >= self.patience:
            raise InputError(
                f"The discriminator has won: for {step - self._won_since} steps it has told drawings from originals without "
                f"a mistake, and the generator learns nothing from it any more. {_KEPT} Start again with a lower "
                "lr_discriminator, or with diffaugment."
            )

    def pictures(self, step: int, drawn: Tensor, target: Tensor) -> None:
        """Refuse a generator that draws nothing but one tone, whatever it is given."""
        found, wanted = (_spread(pictures) for pictures in (drawn, target))
        flat = found < self.flat <= wanted
        self._flat_since = (self._flat_since or step) if flat else None
        if self._flat_since is not None and step - self._flat_since >= self.patience:
            level = float(drawn.float().mean())
            tone = "black" if level < -0.9 else "white" if level > 0.9 else "one even grey"
            raise InputError(
                f"The generator has drawn nothing but {tone} for {step - self._flat_since} steps. {_KEPT} Start again with "
                "a lower learning rate or another seed; with very few pairs, add more."
            )


def _spread(pictures: Tensor) -> float:
    """The largest range of values within any picture of the batch."""
    flat = pictures.detach().flatten(1)
    return float((flat.amax(1) - flat.amin(1)).max()) if torch.isfinite(flat).all() else math.inf
