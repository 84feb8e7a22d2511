"""The metrics between matched pairs as a table, free of torch; reached through catalogue.py."""

from workers.engine.metrics.table import Metric, gettext_noop
from workers.engine.weights_table import (
    ALEXNET,
    DISTS_WEIGHTS,
    LPIPS_ALEX,
    LPIPS_SQUEEZE,
    LPIPS_VGG,
    SQUEEZENET,
    SQUEEZENET_FULL,
    VGG16,
)

GREY = "grey 8 bit (0.299 R + 0.587 G + 0.114 B, rounded), transparency over white, EXIF orientation applied"
LUMINANCE = "luminance Y of RGB 8 bit, not rounded, transparency over white, EXIF orientation applied"
COLOUR = "YIQ of RGB 8 bit, transparency over white, EXIF orientation applied"
SYMMETRIC = "RGB 8 bit, grey replicated, transparency over white, EXIF orientation applied, x/127.5-1"
UNIT = "RGB 8 bit, grey replicated, transparency over white, EXIF orientation applied, x/255"


def _of_pictures(
    name: str,
    title: str,
    module: str,
    note: str,
    colour: str,
    *,
    dtype: str = "float64",
    lower: bool = False,
    lowest: float = 0.0,
    highest: float = float("inf"),
    weights: tuple[tuple[str, ...], ...] = (),
) -> Metric:
    """A metric that looks at the pixels of the two pictures of a pair."""
    return Metric(
        name=name, title=title, version=1, lower_is_better=lower, module=f"workers.engine.metrics.{module}", note=note,
        lowest=lowest, highest=highest, paired=True, needs_features=False, weights=weights, colour=colour, dtype=dtype,
    )  # fmt: skip


def _rank(k: int) -> Metric:
    return Metric(
        name=f"rank{k}",
        title=_RANK_TITLES[k],
        version=1,
        lower_is_better=False,
        module=f"workers.engine.metrics.recognition.rank{k}",
        note=_RANK_NOTE,
        minimum=2,
        lowest=0.0,
        highest=1.0,
        paired=True,
    )


_RANK_TITLES = {
    1: gettext_noop("Recognition, rank 1"),
    5: gettext_noop("Recognition, rank 5"),
    10: gettext_noop("Recognition, rank 10"),
}
_RANK_NOTE = gettext_noop(
    "Share of the candidates whose own person is among the nearest k of all reference pictures, by the extractor's features. "
    "Depends on how many persons there are."
)
_LPIPS_NOTE = gettext_noop(
    "Distance of learnt features, calibrated to people's judgement (LPIPS 0.1). The network belongs to the name: values over "
    "other networks cannot be compared."
)

_ROWS = (
    _of_pictures(
        "ssim",
        gettext_noop("Structural similarity (SSIM)"),
        "similarity.ssim",
        gettext_noop("Local means, contrast and structure under a Gaussian window. Prefers smooth drawings."),
        GREY,
        lowest=-1.0,
        highest=1.0,
    ),
    _of_pictures(
        "ssim.smoothed",
        gettext_noop("SSIM after smoothing the candidate"),
        "similarity.smoothed_ssim",
        gettext_noop(
            "SSIM with a bilateral filter over the candidate alone; always higher, so never compared with SSIM."
        ),
        GREY,
        lowest=-1.0,
        highest=1.0,
    ),
    _of_pictures(
        "msssim",
        gettext_noop("Multi-scale SSIM"),
        "similarity.msssim",
        gettext_noop("SSIM over five scales; pictures of at least 176 pixels a side."),
        GREY,
        highest=1.0,
    ),
    _of_pictures(
        "psnr",
        gettext_noop("Peak signal to noise ratio (dB)"),
        "similarity.psnr",
        gettext_noop("Mean square difference of grey values; says little about drawings."),
        GREY,
    ),
    _of_pictures(
        "gmsd",
        gettext_noop("Gradient magnitude deviation (GMSD)"),
        "gmsd.gmsd",
        gettext_noop("How unevenly the strength of edges agrees over the picture."),
        GREY,
        lower=True,
    ),
    _of_pictures(
        "fsim",
        gettext_noop("Feature similarity (FSIM)"),
        "fsim.fsim",
        gettext_noop("Agreement of phase congruency and gradients, weighted by where the features are."),
        LUMINANCE,
        dtype="float32",
        highest=1.0,
    ),
    _of_pictures(
        "fsimc",
        gettext_noop("Feature similarity with colour (FSIMc)"),
        "fsim.fsimc",
        gettext_noop("FSIM with the colours compared as well; the same as FSIM for grey pictures."),
        COLOUR,
        dtype="float32",
        highest=1.0,
    ),
    _of_pictures(
        "scoot",
        gettext_noop("Sketch texture (Scoot)"),
        "scoot.scoot",
        gettext_noop("Co-occurrence of grey levels in sixteen cells, made for sketches; the authors' definition."),
        GREY,
        highest=1.0,
    ),
    _of_pictures(
        "lpips.squeeze",
        gettext_noop("LPIPS, SqueezeNet"),
        "lpips.LpipsSqueeze",
        _LPIPS_NOTE,
        SYMMETRIC,
        dtype="float32",
        lower=True,
        weights=((SQUEEZENET, SQUEEZENET_FULL), (LPIPS_SQUEEZE,)),
    ),
    _of_pictures(
        "lpips.alex",
        gettext_noop("LPIPS, AlexNet"),
        "lpips.LpipsAlex",
        _LPIPS_NOTE,
        SYMMETRIC,
        dtype="float32",
        lower=True,
        weights=((ALEXNET,), (LPIPS_ALEX,)),
    ),
    _of_pictures(
        "lpips.vgg",
        gettext_noop("LPIPS, VGG-16"),
        "lpips.LpipsVgg",
        _LPIPS_NOTE,
        SYMMETRIC,
        dtype="float32",
        lower=True,
        weights=((VGG16,), (LPIPS_VGG,)),
    ),
    _of_pictures(
        "dists",
        gettext_noop("Structure and texture distance (DISTS)"),
        "dists.Dists",
        gettext_noop("Means and correlations of VGG-16 features: tolerates a texture that is resampled."),
        UNIT,
        dtype="float32",
        lower=True,
        weights=((VGG16,), (DISTS_WEIGHTS,)),
    ),
    _rank(1),
    _rank(5),
    _rank(10),
    Metric(
        name="nlda",
        title=gettext_noop("Recognition by NLDA, rank 1"),
        version=1,
        lower_is_better=False,
        module="workers.engine.metrics.nlda.nlda",
        note=gettext_noop(
            "PCA and null-space LDA on grey pixels, trained on some persons, real drawings looked up among the candidates of "
            "the others; 20 draws. The value is the best of the mean curve over dimensions; the mean of each draw's best "
            "stands beside it."
        ),
        minimum=6,
        lowest=0.0,
        highest=1.0,
        paired=True,
        needs_features=False,
        whole=True,
        colour=GREY,
        dtype="float64",
    ),
)

PAIRED_METRICS: dict[str, Metric] = {row.name: row for row in _ROWS}
