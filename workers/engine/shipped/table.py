"""The trained models that come with this repository, as a table free of torch; reached through catalogue.py.

Each lies in a folder of its name beside this file: generator.safetensors in half precision, checkpoint.json, and the
model card README.md. `python -m workers.engine ship` makes the first two from a checkpoint.
"""

from dataclasses import dataclass
from pathlib import Path

from workers.engine.metrics.table import gettext_noop

CARD = "README.md"
MAX_BYTES = 16 * 1024 * 1024  # of the weights of a model that ships


@dataclass(frozen=True)
class Shipped:
    """A trained model of this repository. `directions` are (from, to) pairs of modalities, as for a stylizer."""

    name: str
    title: str
    directions: tuple[tuple[str, str], ...]
    note: str
    terms: str

    @property
    def folder(self) -> Path:
        """Where its files lie; a checkpoint's folder like any other."""
        return Path(__file__).resolve().parent / self.name

    @property
    def card(self) -> Path:
        """The model card."""
        return self.folder / CARD


SHIPPED: dict[str, Shipped] = {
    "cufs.modern": Shipped(
        name="cufs.modern",
        title=gettext_noop("CUFS pencil portrait"),
        directions=(("photo", "sketch"),),
        note=gettext_noop(
            "A small network trained on the photo-sketch pairs of CUFS: the whole head with hair and shoulders, in the "
            "manner of its artists."
        ),
        terms=gettext_noop("For research only, as the pictures it was trained on."),
    ),
}
