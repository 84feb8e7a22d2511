"""Recognition by NLDA: PCA, null-space LDA and one nearest neighbour, as papers on face sketch synthesis report it.

Twenty times, some persons are drawn for training; their real and their synthesised sketches are two samples of one class.
After PCA, directions are sought in which the two samples of every class coincide (the null space of the within-class
scatter; Chen et al. 2000, https://doi.org/10.1016/S0031-3203(99)00139-9), sorted by the scatter between classes. The real sketches
of the other persons then look for their nearest synthesised one, with the first 1, 2, ... directions.
Everything follows from the inner products of the pictures, which are formed once: a repeat costs milliseconds.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workers.engine.errors import InputError
from workers.engine.metrics.paired_pictures import Grey

REPEATS = 20
SEED = 20240101
TRAINING = {338: 150, 944: 300}  # of the test parts of CUFS and CUFSF; others in the proportion of CUFS
RELATIVE_ZERO = 1e-9  # of the largest singular value: what counts as no direction


@dataclass(frozen=True)
class NldaCurves:
    """Share of probes found at rank 1: `curves` (repeats, dimensions), by number of directions from 1 on."""

    curves: npt.NDArray[np.float64]
    training: int
    testing: int

    @property
    def best_of_mean(self) -> tuple[float, float, int]:
        """The highest point of the mean curve: mean, deviation over repeats, dimension."""
        mean = self.curves.mean(axis=0)
        best = int(mean.argmax())
        return float(mean[best]), _deviation(self.curves[:, best]), best + 1

    @property
    def mean_of_best(self) -> tuple[float, float]:
        """Mean and deviation of each repeat's own highest point: optimistic, since each chooses on its test persons."""
        best = self.curves.max(axis=1)
        return float(best.mean()), _deviation(best)


def nlda(reference: Grey, candidate: Grey) -> tuple[float, dict[str, float | int]]:
    """The best of the mean curve, and in the details the other variant, deviations, dimension and numbers of persons.

    `reference` (n, h, w): real sketches, the probes; `candidate`: the synthesised ones of the same persons, the gallery.
    """
    found = nlda_curves(reference, candidate)
    value, deviation, dimension = found.best_of_mean
    mean, deviation_of_best = found.mean_of_best
    return value, {
        "nlda_deviation": deviation,
        "nlda_dimension": dimension,
        "nlda_mean_of_best": mean,
        "nlda_mean_of_best_deviation": deviation_of_best,
        "nlda_training": found.training,
        "nlda_testing": found.testing,
        "nlda_repeats": len(found.curves),
    }


def nlda_curves(
    reference: npt.ArrayLike,
    candidate: npt.ArrayLike,
    *,
    training: int | None = None,
    repeats: int = REPEATS,
    seed: int = SEED,
) -> NldaCurves:
    """Rank-1 by number of directions for pictures or vectors (n, ...); row i of both is the same person.

    `training` persons train and the others test; left out, 150 of 338, 300 of 944, and of other numbers the proportion
    of the first. InputError for other shapes and for fewer than 6 persons.
    """
    first, second = (_vectors(each) for each in (reference, candidate))
    if first.shape != second.shape:
        raise InputError(
            f"The sets have shapes {first.shape} and {second.shape}; NLDA needs the same persons and pixels."
        )
    n = len(first)
    if n < 6:
        raise InputError(f"There are {n} persons; NLDA needs at least 6.")
    trained = training if training is not None else persons_training(n)
    if not 2 <= trained <= n - 2:
        raise InputError(f"Of {n} persons {trained} cannot train: 2 to {n - 2} can.")
    rows = np.concatenate([first, second])
    rows = rows - rows.mean(axis=0)  # moves nothing that counts, and keeps the inner products small
    products = rows @ rows.T
    rng = np.random.default_rng(seed)
    curves = []
    for _ in range(repeats):
        order = rng.permutation(n)
        curves.append(_curve(products, order[:trained], order[trained:], n))
    length = min(len(curve) for curve in curves)
    return NldaCurves(np.array([curve[:length] for curve in curves]), trained, n - trained)


def persons_training(n: int) -> int:
    """How many of n persons train: 150 of CUFS's 338, 300 of CUFSF's 944, of other numbers the proportion of CUFS."""
    return TRAINING.get(n, round(n * 150 / 338))


def _curve(products: npt.NDArray[np.float64], train: np.ndarray, test: np.ndarray, n: int) -> npt.NDArray[np.float64]:
    """Rank-1 with the first 1, 2, ... directions of one draw."""
    trained = np.concatenate([train, train + n])
    inner = products[np.ix_(trained, trained)]
    row_means = inner.mean(axis=0)
    centred = inner - row_means - row_means[:, None] + row_means.mean()
    values, vectors = np.linalg.eigh(centred)
    kept = values > values[-1] * RELATIVE_ZERO
    to_components = vectors[:, kept] / np.sqrt(values[kept])
    samples = centred @ to_components  # the training pictures in PCA space
    half = len(train)
    within, means = samples[:half] - samples[half:], (samples[:half] + samples[half:]) / 2
    _, sizes, directions = np.linalg.svd(within)
    rank = int((sizes > np.sqrt(values[-1]) * RELATIVE_ZERO).sum())
    null = directions[rank:].T
    if null.shape[1] == 0:
        raise InputError("The training pictures leave no direction in which real and synthesised sketches agree.")
    _, _, between = np.linalg.svd(means @ null, full_matrices=False)
    projection = to_components @ null @ between.T
    looking, found = (_projected(products, side, trained, row_means, projection) for side in (test, test + n))
    apart = np.zeros((len(test), len(test)))
    hits = np.empty(projection.shape[1])
    here = np.arange(len(test))
    for place, (probes, gallery) in enumerate(zip(looking.T, found.T, strict=True)):
        difference = probes[:, None] - gallery
        difference *= difference
        apart += difference
        hits[place] = (apart.argmin(axis=1) == here).mean()
    return hits


def _projected(
    products: npt.NDArray[np.float64],
    pictures: np.ndarray,
    trained: np.ndarray,
    row_means: npt.NDArray[np.float64],
    projection: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    cross = products[np.ix_(pictures, trained)]
    return (cross - cross.mean(axis=1, keepdims=True) - row_means + row_means.mean()) @ projection


def _vectors(pictures: npt.ArrayLike) -> npt.NDArray[np.float64]:
    rows = np.asarray(pictures, dtype=np.float64)
    return rows.reshape(len(rows), -1)


def _deviation(values: npt.NDArray[np.float64]) -> float:
    return float(values.std(ddof=1)) if len(values) > 1 else 0.0
