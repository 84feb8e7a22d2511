"""What every extractor offers, and how one is built from its row in the catalogue."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from workers.engine import catalogue
from workers.engine.features.pictures import Picture
from workers.engine.weights import ExtractorWeights

Features = npt.NDArray[np.float32]  # (n, d)


class NotUsable(Exception):
    """This picture has no features (no face in it, say); the text says why, and the picture is skipped and named."""


class RunningExtractor(Protocol):
    """A loaded network. `prepare` may be called from several threads at once, `features` from one at a time, or from as
    many as the attribute `streams` says where there is one."""

    def __init__(self, weights: ExtractorWeights, device: str) -> None: ...

    def prepare(self, picture: Picture) -> Any:
        """(h, w, 3) uint8 -> one network input. Raises NotUsable for a picture to be skipped."""

    def features(self, batch: Sequence[Any]) -> Features:
        """Inputs from `prepare` -> (n, d). A row depends on its own picture alone, not on the others in the batch."""

    @property
    def batch_size(self) -> int:
        """How many pictures at once are quick on this device, yet leave a chance to stop every second."""


def load(name: str, weights: ExtractorWeights, device: str) -> RunningExtractor:
    """Build the extractor `name` on `device` ("auto", "cpu", "cuda")."""
    row = catalogue.extractor(name)
    module, _, attribute = row.module.rpartition(".")
    build = getattr(import_module(module), attribute)
    if row.of_checkpoint:
        return build(weights, device, layer=name.partition("@")[0].partition(".")[2])
    return build(weights, device)
