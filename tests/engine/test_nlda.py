import numpy as np
import pytest
from scipy.linalg import null_space

from workers.engine.errors import InputError
from workers.engine.metrics.nlda import SEED, nlda, nlda_curves, persons_training


def people(n=24, pixels=150, noise=0.6, seed=0):
    """Real drawings and their imitations: the same person plus differences of either kind."""
    rng = np.random.default_rng(seed)
    faces = rng.normal(size=(n, pixels))
    style = rng.normal(size=pixels)
    real = faces + noise * rng.normal(size=(n, pixels))
    return real, faces + style + noise * rng.normal(size=(n, pixels))


def literally(real, made, training, repeats):
    """PCA by covariance, scatter matrices and null space, step by step in pixel space."""
    rng = np.random.default_rng(SEED)
    curves = []
    for _ in range(repeats):
        order = rng.permutation(len(real))
        train, test = order[:training], order[training:]
        samples = np.concatenate([real[train], made[train]])
        mean = samples.mean(axis=0)
        values, vectors = np.linalg.eigh(np.cov(samples, rowvar=False))
        pca = vectors[:, values > values.max() * 1e-9]
        z = (samples - mean) @ pca
        classes = np.stack([z[:training], z[training:]])
        centres = classes.mean(axis=0)
        within = sum((sample - centres).T @ (sample - centres) for sample in classes)
        between = 2 * (centres - z.mean(axis=0)).T @ (centres - z.mean(axis=0))
        null = null_space(within, rcond=1e-9)
        power, directions = np.linalg.eigh(null.T @ between @ null)
        projection = null @ directions[:, np.argsort(power)[::-1]]
        probes, gallery = ((side[test] - mean) @ pca @ projection for side in (real, made))
        hits = []
        for d in range(1, projection.shape[1] + 1):
            apart = np.linalg.norm(probes[:, None, :d] - gallery[None, :, :d], axis=2)
            hits.append((apart.argmin(axis=1) == np.arange(len(test))).mean())
        curves.append(hits)
    return np.array(curves)


def test_it_is_the_definition_step_by_step():
    real, made = people()
    found = nlda_curves(real, made, training=10, repeats=4)
    assert found.curves.shape == (4, 9)  # one direction less than there are persons to tell apart
    assert found.curves == pytest.approx(literally(real, made, 10, 4))
    assert 0.2 < found.curves.mean() < 1


def test_a_gallery_that_is_the_probes_is_recognised_wholly():
    real, _ = people()
    value, details = nlda(real, real)
    assert value == details["nlda_mean_of_best"] == 1
    assert details["nlda_deviation"] == details["nlda_mean_of_best_deviation"] == 0
    assert details["nlda_repeats"] == 20


def test_the_two_variants_are_reported_apart():
    found = nlda_curves(*people(noise=1.0), training=10)
    value, deviation, dimension = found.best_of_mean
    mean, of_best = found.mean_of_best
    assert value == found.curves.mean(axis=0).max() == found.curves[:, dimension - 1].mean()
    assert deviation == pytest.approx(found.curves[:, dimension - 1].std(ddof=1))
    assert mean == found.curves.max(axis=1).mean() > value  # each repeat choosing for itself is optimistic
    assert of_best > 0


def test_unrelated_pictures_are_recognised_by_chance():
    rng = np.random.default_rng(3)
    found = nlda_curves(rng.normal(size=(40, 90)), rng.normal(size=(40, 90)), training=20)
    assert found.curves.mean() == pytest.approx(1 / 20, abs=0.05)


@pytest.mark.parametrize(("n", "training"), [(338, 150), (270, 120), (944, 300), (24, 11)])
def test_persons_are_divided_as_papers_do(n, training):
    assert persons_training(n) == training


def test_the_same_pictures_give_the_same_value():
    real, made = people()
    assert nlda(real, made) == nlda(real, made)


def test_bad_input_is_refused():
    with pytest.raises(InputError, match="at least 6"):
        nlda_curves(np.zeros((5, 9)), np.zeros((5, 9)))
    with pytest.raises(InputError, match="the same persons and pixels"):
        nlda_curves(np.zeros((7, 9)), np.zeros((8, 9)))
    with pytest.raises(InputError, match="2 to 5 can"):
        nlda_curves(np.zeros((7, 9)), np.zeros((7, 9)), training=6)
