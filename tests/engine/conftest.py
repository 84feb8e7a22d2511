import pytest
import torch

from tests.engine.drawing import add_to_catalogue, made_up_state
from workers.engine import catalogue


@pytest.fixture(scope="session")
def made_up_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / f"{catalogue.PARTIAL_INCEPTION}.pth"
    torch.save(made_up_state(), path)
    return path


@pytest.fixture
def made_up_weights(made_up_file, monkeypatch):
    """A weights folder with numbers that fit inception.mixed6e, and a catalogue that takes them for the real ones."""
    add_to_catalogue(monkeypatch, catalogue.PARTIAL_INCEPTION, made_up_file)
    return made_up_file.parent
