"""Reading for the study of checkpoints: curves, scatters, the choice of the best, runs side by side."""

from evaluation.selectors.study.choice import Candidate, Choice, choice
from evaluation.selectors.study.comparison import Comparison, comparison
from evaluation.selectors.study.curve import Curve, curve
from evaluation.selectors.study.points import (
    Measure,
    Point,
    Scale,
    measure_of,
    measured_runs,
    measures_of,
    selection_name,
)
from evaluation.selectors.study.scatter import Scatter, scatter

__all__ = [
    "Candidate",
    "Choice",
    "Comparison",
    "Curve",
    "Measure",
    "Point",
    "Scale",
    "Scatter",
    "choice",
    "comparison",
    "curve",
    "measure_of",
    "measured_runs",
    "measures_of",
    "scatter",
    "selection_name",
]
