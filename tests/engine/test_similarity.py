import numpy as np
import pytest
from PIL import Image

from workers.engine import catalogue
from workers.engine.errors import InputError
from workers.engine.metrics import gmsd, paired, similarity
from workers.engine.metrics.paired_pictures import grey, luminance, yiq
from workers.engine.metrics.table import METRICS as OF_SETS


def smooth(seed, height=64, width=80):
    """A grey picture of soft blotches, made with integers and box sums alone."""
    noise = np.random.default_rng(seed).integers(0, 256, (height + 8, width + 8)).astype(float)
    sums = noise.cumsum(0).cumsum(1)
    box = (sums[8:, 8:] - sums[:-8, 8:] - sums[8:, :-8] + sums[:-8, :-8]) / 64
    return np.clip((box - 127.5) * 4 + 127.5, 0, 255).astype(np.uint8)


def mixed(first, second):
    return ((first.astype(int) * 3 + second) // 4).astype(np.uint8)


def rgb(*pictures):
    """Grey pictures as a batch (n, h, w, 3)."""
    return np.repeat(np.stack(pictures)[..., None], 3, axis=3)


def saved(folder, name, picture):
    folder.mkdir(exist_ok=True)
    Image.fromarray(picture).save(folder / name)
    return folder / name


PICTURE, OTHER = smooth(1), mixed(smooth(1), smooth(2))


def test_ssim_is_that_of_scikit_image():
    metrics = pytest.importorskip("skimage.metrics", reason="scikit-image is not installed")
    expected = [
        metrics.structural_similarity(
            a, b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255
        )
        for a, b in ((PICTURE, OTHER), (OTHER, smooth(3)))
    ]
    assert similarity.ssim(rgb(PICTURE, OTHER), rgb(OTHER, smooth(3))) == pytest.approx(expected, abs=1e-12)


def test_the_bilateral_filter_is_that_of_opencv():
    cv2 = pytest.importorskip("cv2", reason="opencv-python-headless is not installed")
    expected = cv2.bilateralFilter(PICTURE, 7, 75, 75)
    ours = similarity.bilateral(PICTURE)
    assert (ours != PICTURE).mean() > 0.5
    assert np.abs(ours.astype(int) - expected).max() <= 1  # OpenCV sums in single precision
    assert (ours != expected).mean() < 1e-3


def test_smoothed_ssim_smooths_the_candidate_alone():
    plain = similarity.ssim(rgb(PICTURE), rgb(similarity.bilateral(OTHER)))
    assert similarity.smoothed_ssim(rgb(PICTURE), rgb(OTHER)) == pytest.approx(plain)
    assert similarity.smoothed_ssim(rgb(PICTURE), rgb(PICTURE))[0] < 1


def test_msssim_psnr_and_gmsd_are_those_that_other_programs_gave():
    # pytorch-msssim 1.0.0 (every scale has even sides here; others pad odd ones in their own ways) and piq 0.8.0.
    large = smooth(1, 208, 256)
    assert similarity.msssim(rgb(large), rgb(mixed(large, smooth(2, 208, 256)))) == pytest.approx(0.9192954, abs=1e-6)
    assert similarity.psnr(rgb(PICTURE), rgb(OTHER)) == pytest.approx(25.56806, abs=1e-4)
    assert gmsd.gmsd(rgb(PICTURE), rgb(OTHER)) == pytest.approx(0.0739948765, abs=1e-9)


def test_psnr_by_hand():
    black, grey_20 = np.zeros((4, 5), np.uint8), np.full((4, 5), 20, np.uint8)
    assert similarity.psnr(rgb(black), rgb(grey_20)) == pytest.approx(10 * np.log10(65025 / 400))
    assert similarity.psnr(rgb(black), rgb(black)) == pytest.approx(10 * np.log10(65025 * 20))  # one level in one pixel


def test_gmsd_by_hand():
    # A step of 2x2 blocks from 0 to 240: against a flat picture the similarity is C / (g^2 + C) on the two columns at the
    # step, and everywhere at the border, where the zeros beyond make gradients of their own.
    flat = np.full((8, 8), 0, np.uint8)
    step = np.repeat(np.array([[0, 0, 0, 0, 240, 240, 240, 240]], np.uint8), 8, axis=0)
    halved = np.array([[0, 0, 240, 240]] * 4, float)
    padded = np.pad(halved, 1)
    gx = sum(padded[i : i + 4, 2:] - padded[i : i + 4, :-2] for i in range(3)) / 3
    gy = sum(padded[2:, i : i + 4] - padded[:-2, i : i + 4] for i in range(3)) / 3
    similar = 170 / (gx**2 + gy**2 + 170)
    expected = np.sqrt(((similar - similar.mean()) ** 2).mean())
    assert gmsd.gmsd(rgb(flat), rgb(step)) == pytest.approx(expected)


@pytest.mark.parametrize("name", ["ssim", "msssim", "fsim", "fsimc", "scoot"])
def test_equal_pictures_have_similarity_one(name):
    picture = smooth(4, 180, 176)
    module, _, function = catalogue.metric(name).module.rpartition(".")
    measure = getattr(__import__(module, fromlist=[function]), function)
    assert measure(rgb(picture), rgb(picture)) == pytest.approx(1, abs=1e-6)
    assert gmsd.gmsd(rgb(picture), rgb(picture)) == 0


def test_grey_is_pillows_grey_and_keeps_grey_values():
    colours = np.random.default_rng(0).integers(0, 256, (1, 9, 7, 3), dtype=np.uint8)
    assert (grey(colours)[0] == np.asarray(Image.fromarray(colours[0]).convert("L"))).all()
    assert (grey(rgb(PICTURE))[0] == PICTURE).all()
    y, in_phase, quadrature = yiq(rgb(PICTURE))
    assert y[0] == pytest.approx(PICTURE)
    assert luminance(colours) == pytest.approx(yiq(colours)[0])
    assert np.abs([in_phase, quadrature]).max() < 1e-9


def test_a_value_does_not_depend_on_the_rest_of_the_batch():
    together = similarity.ssim(rgb(PICTURE, OTHER), rgb(OTHER, smooth(3)))
    assert together[1] == similarity.ssim(rgb(OTHER), rgb(smooth(3)))[0]


def test_pictures_that_cannot_be_compared_are_refused():
    with pytest.raises(InputError, match=r"must have the same size"):
        similarity.ssim(rgb(PICTURE), rgb(smooth(1, 64, 81)))
    with pytest.raises(InputError, match="at least 11 a side"):
        similarity.ssim(rgb(smooth(1, 8, 80)), rgb(smooth(2, 8, 80)))
    with pytest.raises(InputError, match="at least 176 a side"):
        similarity.msssim(rgb(PICTURE), rgb(OTHER))
    with pytest.raises(InputError, match="8-bit RGB"):
        similarity.ssim(rgb(PICTURE).astype(float), rgb(OTHER))


def test_pairs_are_made_by_key_and_never_by_place(tmp_path):
    reference = [(f"{i}", saved(tmp_path / "real", f"{i}.png", smooth(i))) for i in (3, 1, 2)]
    candidate = [(f"{i}", saved(tmp_path / "made", f"{9 - i}.png", smooth(i))) for i in (1, 2, 3, 4)]
    pairs = paired.match(reference, candidate)
    assert pairs.keys == ("3", "1", "2")
    assert pairs.unmatched == ("4",)
    (ssim, psnr) = paired.measure(["ssim", "psnr"], pairs)
    assert ssim.value == 1  # by place it would be far below
    assert ssim.keys == pairs.keys
    assert [caution.code for caution in ssim.cautions] == ["unmatched", "identical"]
    assert "4" in str(ssim.cautions[0])
    assert psnr.metric == "psnr"


def test_keys_that_say_nothing_are_refused(tmp_path):
    path = tmp_path / "x.png"
    with pytest.raises(InputError, match="more than one picture for a"):
        paired.match([("a", path), ("a", path)], [("a", path)])
    with pytest.raises(InputError, match="Give the files of a pair the same name"):
        paired.match([("a", path)], [("b", path)])


def test_the_mean_comes_with_its_interval_and_a_protocol_of_its_own(tmp_path):
    reference = [(f"{i}", saved(tmp_path / "real", f"{i}.png", smooth(i))) for i in range(9)]
    candidate = [(f"{i}", saved(tmp_path / "made", f"{i}.png", mixed(smooth(i), smooth(i + 50)))) for i in range(9)]
    seen = []
    (found,) = paired.measure(["ssim"], paired.match(reference, candidate), report=lambda *done: seen.append(done))
    assert found.value == pytest.approx(np.mean(found.values))
    assert found.interval.low < found.value < found.interval.high
    normal = 1.96 * np.std(found.values) / 3  # of the bootstrap's mean, for comparison
    assert found.interval.high - found.interval.low == pytest.approx(2 * normal, rel=0.15)
    assert (found.protocol.extractor, found.protocol.weights_digest, found.protocol.n_candidate) == ("none", "", 9)
    assert "grey 8 bit" in found.protocol.colour
    assert seen == [(8, 9), (9, 9)]
    (again,) = paired.measure(["ssim"], paired.match(reference[::-1], candidate))
    assert again.protocol == found.protocol
    assert again.value == pytest.approx(found.value)


def test_a_pair_of_two_sizes_is_named(tmp_path):
    reference = [(f"{i}", saved(tmp_path / "real", f"{i}.png", smooth(i))) for i in range(2)]
    other = [(f"{i}", saved(tmp_path / "made", f"{i}.png", smooth(i, 64 + i, 80))) for i in range(2)]
    with pytest.raises(InputError, match="1: the reference picture is 80x64 pixels large and the candidate's 80x65"):
        paired.measure(["ssim"], paired.match(reference, other))


def test_pairs_of_several_sizes_are_measured_each_at_its_own(tmp_path):
    sizes = [(64, 80), (70, 60), (64, 80)]
    reference = [(f"{i}", saved(tmp_path / "real", f"{i}.png", smooth(i, *size))) for i, size in enumerate(sizes)]
    made = [(f"{i}", saved(tmp_path / "made", f"{i}.png", smooth(i + 9, *size))) for i, size in enumerate(sizes)]
    (found,) = paired.measure(["ssim"], paired.match(reference, made))
    expected = [similarity.ssim(rgb(smooth(i, *s)), rgb(smooth(i + 9, *s)))[0] for i, s in enumerate(sizes)]
    assert found.values == pytest.approx(expected)
    with pytest.raises(InputError, match="NLDA needs one size"):
        paired.measure(["nlda"], paired.match(reference * 1 + _more(tmp_path, "real"), made + _more(tmp_path, "made")))


def _more(folder, side):
    return [(f"m{i}", saved(folder / side, f"m{i}.png", smooth(i))) for i in range(4)]


def test_a_stop_is_heard_and_an_unreadable_picture_is_named(tmp_path):
    class Stop(Exception):
        pass

    def stop():
        raise Stop

    reference = [(f"{i}", saved(tmp_path / "real", f"{i}.png", smooth(i))) for i in range(2)]
    pairs = paired.match(reference, reference)
    with pytest.raises(Stop):
        paired.measure(["ssim"], pairs, tell=stop)
    reference[1][1].write_bytes(b"nonsense")
    with pytest.raises(InputError, match=r"1 \(1\.png\) cannot be read"):
        paired.measure(["ssim"], pairs)


def test_metrics_of_other_kinds_are_refused(tmp_path):
    pairs = paired.Pairs(("a", "b"), (tmp_path,) * 2, (tmp_path,) * 2)
    for name in ("fid", "rank1"):
        with pytest.raises(InputError, match="not computed from pairs"):
            paired.measure([name], pairs)


def test_the_table_keeps_the_two_kinds_apart():
    assert not any(metric.paired for metric in OF_SETS.values())
    for name, metric in catalogue.METRICS.items():
        assert metric.paired == (name not in OF_SETS)
        assert bool(metric.colour and metric.dtype) == (not metric.needs_features)
