"""The metrics, and what a reader has to know about their values: the part of the catalogue that belongs to them.

Use it by way of workers.engine.catalogue, which has the extractors, weights and stylizers beside it.
"""

import math
from dataclasses import dataclass


def gettext_noop(text: str) -> str:
    """Mark a text for the translators; the engine itself knows no language."""
    return text


@dataclass(frozen=True)
class Metric:
    """A number computed from two sets of pictures. `version` rises when the same sets would give another number.

    `resampler` evaluates it for resampled sets (see metrics/resampling.py). `minimum` pictures are needed in each set.
    `lowest` and `highest` bound the value. `gaussian`: it fits a covariance, so it wants more pictures than numbers.
    `unbiased`: its average does not depend on the number of pictures.
    `paired`: it compares each candidate with the reference picture of the same key (metrics/paired.py; rows in
    paired_table.py). Without `needs_features` it looks at the pictures themselves, in the `colour` and `dtype` named here,
    which enter the protocol; `weights` are then the files of its own networks, as in an extractor's row. `whole`: it needs
    all pairs at once and has no value for each.
    """

    name: str
    title: str
    version: int
    lower_is_better: bool
    module: str
    note: str
    resampler: str = ""
    minimum: int = 2
    lowest: float = -math.inf
    highest: float = math.inf
    gaussian: bool = False
    unbiased: bool = False
    paired: bool = False
    needs_features: bool = True
    whole: bool = False
    weights: tuple[tuple[str, ...], ...] = ()
    colour: str = ""
    dtype: str = ""

    @property
    def direction(self) -> str:
        """Which value is the better one: "lower" or "higher"."""
        return "lower" if self.lower_is_better else "higher"


METRICS: dict[str, Metric] = {
    "fid": Metric(
        name="fid",
        title=gettext_noop("Fréchet distance (FID)"),
        version=1,
        lower_is_better=True,
        module="workers.engine.metrics.frechet.frechet_distance",
        note=gettext_noop("Distance between two Gaussians fitted to the features; biased upwards by small sets."),
        resampler="workers.engine.metrics.frechet_resampling.FrechetResampler",
        lowest=0.0,
        gaussian=True,
    ),
    "kid": Metric(
        name="kid",
        title=gettext_noop("Kernel distance (KID)"),
        version=1,
        lower_is_better=True,
        module="workers.engine.metrics.kid.kid",
        note=gettext_noop(
            "Difference under a cubic kernel, over all pairs. Unbiased, so the first choice for small sets; around "
            "zero, also below, when there is no difference."
        ),
        resampler="workers.engine.metrics.kid.KidResampler",
        unbiased=True,
    ),
    "fid_inf": Metric(
        name="fid_inf",
        title=gettext_noop("FID at infinitely many pictures"),
        version=1,
        lower_is_better=True,
        module="workers.engine.metrics.fid_inf.fid_inf",
        note=gettext_noop(
            "FID of growing subsets, extrapolated over 1/n. Trust it when the points lie on a line (r squared near 1) "
            "and the sets hold more pictures than the features numbers."
        ),
        resampler="workers.engine.metrics.fid_inf.FidInfResampler",
        minimum=10,
        gaussian=True,
    ),
    "cmmd": Metric(
        name="cmmd",
        title=gettext_noop("Gaussian kernel distance (CMMD)"),
        version=1,
        lower_is_better=True,
        module="workers.engine.metrics.cmmd.cmmd",
        note=gettext_noop(
            "Difference under a Gaussian kernel of width 10, times 1000. Unbiased. Defined over CLIP; over another "
            "extractor it is a number of its own."
        ),
        resampler="workers.engine.metrics.cmmd.CmmdResampler",
        unbiased=True,
    ),
    "precision": Metric(
        name="precision",
        title=gettext_noop("Precision (fidelity)"),
        version=1,
        lower_is_better=False,
        module="workers.engine.metrics.neighbours.precision",
        note=gettext_noop("Share of the candidates that lie among the reference pictures (3 nearest neighbours)."),
        resampler="workers.engine.metrics.neighbours.PrecisionResampler",
        minimum=4,
        lowest=0.0,
        highest=1.0,
    ),
    "recall": Metric(
        name="recall",
        title=gettext_noop("Recall (diversity)"),
        version=1,
        lower_is_better=False,
        module="workers.engine.metrics.neighbours.recall",
        note=gettext_noop("Share of the reference pictures that lie among the candidates (3 nearest neighbours)."),
        resampler="workers.engine.metrics.neighbours.RecallResampler",
        minimum=4,
        lowest=0.0,
        highest=1.0,
    ),
    "density": Metric(
        name="density",
        title=gettext_noop("Density (fidelity)"),
        version=1,
        lower_is_better=False,
        module="workers.engine.metrics.neighbours.density",
        note=gettext_noop(
            "How densely the reference pictures lie around the candidates (5 nearest neighbours); 1 is as dense as "
            "among themselves. Less moved by outliers than precision."
        ),
        resampler="workers.engine.metrics.neighbours.DensityResampler",
        minimum=6,
        lowest=0.0,
    ),
    "coverage": Metric(
        name="coverage",
        title=gettext_noop("Coverage (diversity)"),
        version=1,
        lower_is_better=False,
        module="workers.engine.metrics.neighbours.coverage",
        note=gettext_noop(
            "Share of the reference pictures with a candidate among their 5 nearest neighbours. Less moved by outliers "
            "than recall."
        ),
        resampler="workers.engine.metrics.neighbours.CoverageResampler",
        minimum=6,
        lowest=0.0,
        highest=1.0,
    ),
}

# What a reader should know before trusting a number; the values fill the places in the text.
CAUTIONS: dict[str, str] = {
    "rank_deficient": gettext_noop(
        "The smaller set has %(n)s pictures for %(dimension)s numbers each: the covariance cannot have full rank, and "
        "the value is biased upwards. Compare it only with values of the same n, never with published ones."
    ),
    "unmatched": gettext_noop(
        "%(count)s pictures have no partner of the same key in the other set and are left out, e.g. %(examples)s."
    ),
    "different_n": gettext_noop(
        "The sets have different sizes (%(n_reference)s and %(n_candidate)s). The bias depends on both; compare only "
        "values with the same two sizes."
    ),
    "skipped": gettext_noop("%(count)s pictures were skipped, e.g. %(examples)s: %(reason)s"),
    "jpeg": gettext_noop(
        "%(count)s pictures are JPEG files. Compression shifts this metric; write generated pictures as PNG, and "
        "compare only sets stored the same way."
    ),
    "identical": gettext_noop("Both sets hold the same pictures: the value says nothing about a model."),
    "mixed_sizes": gettext_noop(
        "The pictures have %(count)s different sizes (%(examples)s). Resizing them to the network's input changes each in "
        "another way; crop or resize both sets alike first."
    ),
    "other_sizes": gettext_noop(
        "The reference is %(reference)s pixels large and the candidate %(candidate)s. What differs may be the resizing, "
        "not the pictures."
    ),
    "poor_fit": gettext_noop(
        "The distances of subsets do not follow a line over 1/n (r squared %(r_squared)s): the extrapolated value cannot "
        "be trusted."
    ),
    "not_clip": gettext_noop(
        "CMMD is published over CLIP features. Over %(extractor)s it is the same formula but another number; do not "
        "compare it with published ones."
    ),
    "repeated": gettext_noop(
        "%(count)s pictures occur more than once. A repeated picture weighs double; leave copies out unless you mean it."
    ),
    "double_alignment": gettext_noop(
        "%(set)s was aligned before, and %(extractor)s finds and aligns each face itself: every picture is resampled twice, "
        "and faces cut tightly are not found. With this extractor measure %(parent)s, which it was made from."
    ),
    "other_crop": gettext_noop(
        "The reference is cropped in one way (%(reference)s) and the candidate in another (%(candidate)s): part of the value "
        "is the crop, not the drawing. Align both with the same template, then measure again."
    ),
    "trained_on_other_crop": gettext_noop(
        "The checkpoint learned from %(trained)s and draws %(used)s, which is cropped differently. Apply it to pictures "
        "cropped as those it learned from."
    ),
    "seen_in_training": gettext_noop(
        "%(set)s holds pictures that the checkpoint was trained on, so the value is better than for new faces. Report the "
        "test split."
    ),
    "validation_split": gettext_noop(
        "These are validation pictures, which are for choosing a checkpoint: the best of many is better than it deserves. "
        "Choose by this value, then measure the chosen one once on the test split and report that."
    ),
    "loss_as_metric": gettext_noop(
        "The checkpoint was trained to please %(network)s, so numbers of %(name)s are better than its pictures. Judge it by "
        "another network."
    ),
    "unknown_origin": gettext_noop(
        "%(file)s does not say which network and preprocessing it comes from. The value holds only if they are those of "
        "the other set."
    ),
}
