"""What every model makes of the same drawn face, so that models can be compared without anybody's picture."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from .offered import Model

PERSON, SEED = 5, 2026  # of the drawn faces


def samples_folder() -> Path:
    return Path(settings.DATA_DIR) / "model_samples"


def sample_path(model: Model) -> Path:
    """Where the model's drawing lies, or will lie. It belongs to what draws: other weights or code, another file."""
    return samples_folder() / f"{model.digest[:24]}.png"


def source_path(takes: str) -> Path:
    """The drawn face as a model takes it: its photo, or its sketch."""
    return samples_folder() / f"source-{takes}-{SEED}-{PERSON}.png"
