import numpy as np
import pytest
from PIL import Image

from tests.engine import plain_similarity
from tests.engine.test_similarity import OTHER, PICTURE, mixed, rgb, smooth
from workers.engine.metrics import fsim


@pytest.mark.parametrize("size", [(64, 80), (51, 47), (400, 390)], ids=["even", "odd", "halved first"])
def test_it_is_the_definition_to_six_digits(size):
    first = smooth(1, *size)
    second = mixed(first, smooth(2, *size))
    assert fsim.fsim(rgb(first), rgb(second)) == pytest.approx(plain_similarity.fsim(first, second), abs=1e-6)


def test_it_is_what_another_program_gave():
    # piq 0.8.0 in double precision; its median of an even count is the lower of the middle two, hence the tolerance.
    assert fsim.fsim(rgb(PICTURE), rgb(OTHER)) == pytest.approx(0.9366770254, abs=2e-6)


def test_colour_counts_in_fsimc_alone():
    red = np.stack([smooth(1), smooth(2), smooth(3)], axis=-1)[None]
    blue = np.stack([smooth(1), smooth(4), smooth(3)], axis=-1)[None]
    assert fsim.fsim(red, blue) == pytest.approx(0.7775011802, abs=5e-6)  # piq 0.8.0
    assert fsim.fsimc(red, blue) < fsim.fsim(red, blue)
    assert fsim.fsimc(rgb(PICTURE), rgb(OTHER)) == pytest.approx(fsim.fsim(rgb(PICTURE), rgb(OTHER)))


def test_phase_congruency_finds_a_line_whatever_its_contrast():
    # One bright line on even ground: all waves agree in phase along it, however faint it is.
    for contrast in (40, 200):
        picture = np.full((64, 64), 20.0)
        picture[:, 32] += contrast
        congruency = fsim.phase_congruency(picture.astype(np.float32))
        assert congruency[32].argmax() == 32
        assert congruency[32, 32] > 0.7
        assert congruency[32, 8:24].max() < 0.2  # column 0 is the line's antipode: there the waves agree too


def test_two_empty_pictures_are_alike():
    flat = rgb(np.full((20, 20), 128, np.uint8))
    assert fsim.fsim(flat, flat) == pytest.approx(1)


def test_real_sketches_agree_with_the_definition(shared_dir):
    paths = sorted((shared_dir / "data" / "cufs" / "CUHK").rglob("f1-*-sz1.jpg"))[:3]
    pictures = [np.asarray(Image.open(path).convert("L")) for path in paths]
    expected = [plain_similarity.fsim(pictures[0], other) for other in pictures[1:]]
    ours = fsim.fsim(rgb(pictures[0], pictures[0]), rgb(*pictures[1:]))
    assert ours == pytest.approx(expected, abs=1e-6)
