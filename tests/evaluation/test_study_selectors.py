"""Curves, scatters, choices and comparisons out of rows."""

import pytest
import scipy.stats

from datasetviewer.models import Dataset
from evaluation.selectors import study
from evaluation.selectors.study import Measure, measure_of
from evaluation.selectors.study.batch import batch
from evaluation.selectors.study.points import UnknownScale
from tests.evaluation.study_rows import add_value, add_values, make_checkpoints, make_run
from workers.engine.errors import InputError
from workers.models import JobState

FID = Measure("fid", "inception.mixed6e")
KID = Measure("kid", "inception.mixed6e")
DESCENT = [100.0, 80.0, 70.0, 64.0, 60.0, 58.0, 57.0, 90.0, 56.0, 55.5, 55.2, 55.0]


@pytest.fixture
def dataset(db):
    """Without pictures: nothing here looks at one."""
    return Dataset.objects.create(slug="faces", name="Faces", layout="folders", public=True)


@pytest.fixture
def private_dataset(db):
    return Dataset.objects.create(slug="secret", name="Secret", layout="folders", public=False)


@pytest.fixture
def run(dataset, user):
    return make_run(dataset, user, name="plain")


@pytest.fixture
def checkpoints(run):
    return make_checkpoints(run, range(10, 130, 10))


def ids(*runs):
    return [str(run.pk) for run in runs]


def test_a_measure_is_written_and_read_back():
    assert measure_of("fid:pix2pix.en7@0123456789ab") == Measure("fid", "pix2pix.en7@0123456789ab")
    assert str(measure_of("fid:inception.pool3")) == "fid:inception.pool3"
    assert str(Measure("fid")) == "fid"
    with pytest.raises(InputError, match="Known"):
        measure_of("beauty:inception.pool3")


def test_a_metric_of_the_pictures_themselves_has_no_extractor(user, run, checkpoints):
    add_values(checkpoints[:2], [0.5, 0.6], metric="ssim", extractor="none")
    found = study.curve(user)
    assert found.measure == Measure("ssim") == measure_of("ssim") == measure_of("ssim:none")
    assert found.lines[0].best.value == 0.6
    assert study.curve(user, measure=Measure("ssim")).runs == [run]


# --- curve ----------------------------------------------------------------------------------------------------------


def test_a_curve_has_the_values_in_the_order_of_training_with_its_jumps(user, run, checkpoints):
    add_values(checkpoints[::-1], DESCENT[::-1], half=2.0, floor=20.0)
    found = study.curve(user, runs=ids(run), measure=FID)
    (line,) = found.lines
    assert [point.value for point in line.points] == DESCENT
    assert [(step.before.checkpoint.epoch, step.after.checkpoint.epoch) for step in line.odd] == [(70, 80), (80, 90)]
    assert [step.intervals_overlap for step in line.odd] == [False, False]
    assert (found.floor, line.best.value, line.last.value) == (20.0, 55.0, 55.0)


def test_only_one_protocol_stands_on_a_curve_and_the_others_are_offered(user, run, checkpoints):
    add_values(checkpoints, DESCENT)
    add_values(checkpoints[:3], [500.0, 400.0, 300.0], split="validation", n=28)
    found = study.curve(user, runs=ids(run), measure=FID)
    assert [scale.on for scale in found.scales] == ["faces:test", "faces:validation"]
    assert max(point.value for point in found.points) == 100.0
    other = study.curve(user, runs=ids(run), measure=FID, scale=found.scales[1].key)
    assert [point.value for point in other.points] == [500.0, 400.0, 300.0]
    assert study.curve(user, runs=ids(run), measure=FID, scale=found.scales[1].protocol).scale == found.scales[1]


def test_the_same_protocol_on_other_pictures_is_another_scale(user, run, checkpoints):
    """The candidate's pictures are no part of the fingerprint, so the selection keeps them apart."""
    add_values(checkpoints[:2], [1.0, 2.0], protocol="p")
    add_values(checkpoints[:2], [3.0, 4.0], protocol="p", split="train")
    assert len(study.curve(user, runs=ids(run), measure=FID).scales) == 2


def test_of_a_number_measured_twice_the_newest_stays(user, run, checkpoints):
    add_value(checkpoints[0], 1.0)
    add_value(checkpoints[0], 2.0)
    assert [point.value for point in study.curve(user, runs=ids(run), measure=FID).points] == [2.0]


def test_without_names_the_newest_measured_runs_and_the_usual_measure_are_taken(user, dataset, run, checkpoints):
    make_run(dataset, user, name="never measured")
    add_values(checkpoints, DESCENT)
    found = study.curve(user)
    assert (found.runs, found.measure) == ([run], FID)


def test_nothing_measured_is_no_error(user, run):
    assert study.curve(user, runs=ids(run)).measure is None
    assert study.curve(user).lines == []
    assert study.scatter(user, runs=ids(run)).groups == []
    assert study.choice(user, runs=ids(run)).candidates == []
    assert study.comparison(user, runs=ids(run)).groups[0].compared == []


def test_visitors_see_no_run_of_a_private_dataset(user, private_dataset, dataset, checkpoints):
    secret = make_run(private_dataset, user)
    add_values(make_checkpoints(secret, [1, 2]), [1.0, 2.0])
    with pytest.raises(InputError, match="not visible to you"):
        study.curve(None, runs=ids(secret))
    assert study.measured_runs(None) == []
    assert study.measured_runs(user) == [secret]


def test_a_number_over_private_pictures_stays_hidden_on_a_public_run(user, private_dataset, run, checkpoints):
    add_values(checkpoints[:2], [1.0, 2.0], dataset=private_dataset)
    assert study.curve(None, runs=ids(run), measure=FID).points == []
    assert len(study.curve(user, runs=ids(run), measure=FID).points) == 2


@pytest.mark.parametrize(
    ("runs", "said"),
    [(["nonsense"], "no number of a training run"), (["00000000-0000-0000-0000-000000000000"], "There is no training run"),
     ([f"00000000-0000-0000-0000-0000000000{n:02d}" for n in range(21)], "At most 20")],
)  # fmt: skip
def test_bad_runs_are_refused_in_words(user, run, runs, said):
    with pytest.raises(InputError, match=said):
        study.curve(user, runs=runs)


def test_an_unknown_protocol_is_refused_with_the_known_ones(user, run, checkpoints):
    add_values(checkpoints, DESCENT)
    with pytest.raises(UnknownScale, match="@faces:test"):
        study.curve(user, runs=ids(run), measure=FID, scale="000000000000")


def test_a_curve_takes_few_queries(user, run, checkpoints, django_assert_max_num_queries):
    add_values(checkpoints, DESCENT)
    with django_assert_max_num_queries(4):
        list(study.curve(user, runs=ids(run), measure=FID).points)


# --- scatter --------------------------------------------------------------------------------------------------------


def test_a_scatter_pairs_the_values_of_a_checkpoint_and_agrees_with_scipy(user, dataset, run, checkpoints):
    other = make_run(dataset, user, seed=1)
    more = make_checkpoints(other, range(10, 60, 10))
    kid = [value / 300 + (index % 3) * 0.02 for index, value in enumerate(DESCENT)]
    add_values(checkpoints, DESCENT)
    add_values(checkpoints[1:], kid[1:], metric="kid")
    add_values(more, DESCENT[:5])
    add_values(more, kid[:5], metric="kid")
    found = study.scatter(user, runs=ids(run, other), x=FID, y=KID)
    assert [(both.x.value, both.y.value) for both in found.points] == list(
        zip([*DESCENT[1:], *DESCENT[:5]], [*kid[1:], *kid[:5]], strict=True)
    )
    everything, first, second = found.agreed
    assert (everything.run, first.run, second.run) == (None, run, other)
    expected = scipy.stats.spearmanr([*DESCENT[1:], *DESCENT[:5]], [*kid[1:], *kid[:5]]).statistic
    assert everything.values.spearman.value == pytest.approx(expected)
    assert everything.steps.n == 10 + 4  # differences stay inside their run


def test_a_measure_can_be_held_against_itself_on_other_pictures(user, run, checkpoints):
    add_values(checkpoints, DESCENT)
    add_values(checkpoints, [value * 1.1 for value in DESCENT], split="validation", n=28)
    scales = study.curve(user, runs=ids(run), measure=FID).scales
    found = study.scatter(user, runs=ids(run), x=FID, y=FID, x_scale=scales[0].key, y_scale=scales[1].key)
    assert found.agreed[0].values.pearson.value == pytest.approx(1)
    assert {found.x.scale.split, found.y.scale.split} == {"test", "validation"}


# --- choice ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def validated(checkpoints):
    """Best on validation: the 11th; best on the test: the 12th."""
    add_values(checkpoints, DESCENT)
    add_values(checkpoints, [*DESCENT[:10], 50.0, 51.0], split="validation", n=28)
    return checkpoints


def test_the_best_on_validation_is_chosen_and_only_its_test_value_is_told(user, run, validated):
    found = study.choice(user, runs=ids(run), measures=[FID])
    assert (found.selection.on, found.leak, found.test_on) == ("faces:validation", "", "faces:test")
    assert [candidate.checkpoint for candidate in found.chosen] == [validated[10]]
    assert [point.value for point in found.chosen[0].test] == [DESCENT[10]]
    assert all(candidate.test == () for candidate in found.candidates[1:])


def test_choosing_on_the_test_is_a_leak_and_reports_no_test(user, run, validated):
    found = study.choice(user, runs=ids(run), measures=[FID], on="faces:test")
    assert found.leak == "test"
    assert found.test_on == ""
    assert found.chosen[0].checkpoint == validated[11]
    assert not any(candidate.tested for candidate in found.candidates)
    assert found.untested == []


def test_without_validation_values_nothing_is_chosen_unasked(user, run, checkpoints):
    add_values(checkpoints, DESCENT)
    found = study.choice(user, runs=ids(run), measures=[FID])
    assert (found.selection, found.candidates) == (None, [])
    assert [(each.on, each.for_choosing) for each in found.selections] == [("faces:test", False)]


@pytest.mark.parametrize(("trained_on", "leak"), [("train", ""), ("all", "trained"), ("validation", "trained")])
def test_pictures_that_a_run_was_trained_on_are_no_validation(user, dataset, trained_on, leak):
    run = make_run(dataset, user, split=trained_on)
    add_values(make_checkpoints(run, [1, 2]), [2.0, 1.0], split="validation")
    assert study.choice(user, runs=ids(run)).leak == leak


def test_several_measures_go_by_ranks_and_those_without_a_value_are_left_out(user, run, checkpoints):
    add_values(checkpoints[:3], [3.0, 2.0, 1.0], split="validation")
    add_values(checkpoints[:2], [0.1, 0.9], split="validation", metric="precision")
    precision = Measure("precision", "inception.mixed6e")
    found = study.choice(user, runs=ids(run), measures=[FID, precision])
    assert [candidate.checkpoint for candidate in found.candidates] == [checkpoints[1], checkpoints[0]]
    assert found.candidates[0].placed.ranks == (1, 1)
    assert found.left_out == 1


def test_chosen_ones_that_lack_a_test_value_are_named(user, run, checkpoints):
    add_values(checkpoints[:3], [3.0, 2.0, 1.0], split="validation")
    add_value(checkpoints[2], 9.0)
    found = study.choice(user, runs=ids(run), measures=[FID], k=2)
    assert [candidate.checkpoint for candidate in found.untested] == [checkpoints[1]]


@pytest.mark.parametrize(
    ("more", "said"), [({"k": 0}, "between 1 and 10"), ({"rule": "feeling"}, "Known"), ({"on": "faces:moon"}, "Known")]
)
def test_bad_wishes_are_refused(user, run, validated, more, said):
    with pytest.raises(InputError, match=said):
        study.choice(user, runs=ids(run), measures=[FID], **more)


# --- comparison -----------------------------------------------------------------------------------------------------


def test_runs_that_differ_in_the_seed_alone_are_one_group_with_mean_and_deviation(user, dataset):
    seeds = [make_run(dataset, user, name=f"seed {seed}", seed=seed) for seed in (0, 1, 2)]
    other = make_run(dataset, user, name="faster", lr=0.001)
    for run, last in zip([*seeds, other], [10.0, 12.0, 17.0, 30.0], strict=True):
        add_values(make_checkpoints(run, [10, 20]), [last - 1, last])
    found = study.comparison(user, runs=ids(*seeds, other), measures=[FID])
    assert [[str(run) for run in group.runs] for group in found.groups] == [["seed 0", "seed 1", "seed 2"], ["faster"]]
    spread = found.groups[0].compared[0].last_spread
    assert (spread.mean, spread.deviation) == (pytest.approx(13), pytest.approx(13**0.5))
    assert found.groups[0].compared[0].best_spread.mean == pytest.approx(12)
    assert found.groups[1].compared[0].last_spread.deviation is None
    assert found.differing == ["lr", "seed", "train_digest"]
    assert found.shared["code_version"] == "abc123"
    assert found.groups[0].facts["seed"] == "0, 1, 2"


def test_seeds_can_be_kept_apart_and_other_code_is_another_group(user, dataset):
    runs = [
        make_run(dataset, user, seed=0),
        make_run(dataset, user, seed=1),
        make_run(dataset, user, seed=2, code="new"),
    ]
    assert [len(group.runs) for group in study.comparison(user, runs=ids(*runs)).groups] == [2, 1]
    assert len(study.comparison(user, runs=ids(*runs), seeds_apart=True).groups) == 3


# --- batch ----------------------------------------------------------------------------------------------------------


def test_a_batch_adds_up_progress_and_keeps_failures_that_nothing_made_up_for(user, run, checkpoints):
    add_value(checkpoints[0], 5.0)
    add_value(checkpoints[1], 0, state=JobState.QUEUED)
    add_value(checkpoints[2], 0, state=JobState.FAILED)
    found = batch(user, run, {})
    assert found.states == {"succeeded": 1, "queued": 1, "failed": 1}
    assert found.progress == pytest.approx(2 / 3)
    assert found.live
    assert [len(row.live) for row in found.rows] == [0, 1, 0]
    assert [len(row.failed) for row in found.rows] == [0, 0, 1]
    assert [row.values[0] and row.values[0].value for row in found.rows] == [5.0, None, None]


def test_a_metric_that_failed_everywhere_has_a_column_and_no_row_is_complete(user, run, checkpoints):
    add_values(checkpoints[:2], [0, 0], metric="rank1", state=JobState.FAILED)
    add_values(checkpoints[:2], [5.0, 6.0])
    found = batch(user, run, {})
    assert [column.measure.metric for column in found.columns] == ["fid", "rank1"]
    assert [row.complete for row in found.rows] == [False, False]
    assert [len(row.failed) for row in found.rows] == [1, 1]


def test_a_failure_is_made_up_for_by_a_value_of_each_of_its_metrics_on_the_same_pictures(user, run, checkpoints):
    failed = add_value(checkpoints[0], 0, state=JobState.FAILED)
    failed.metrics = ["fid", "kid"]
    failed.save()
    add_value(checkpoints[0], 5.0)
    add_value(checkpoints[0], 5.0, metric="kid", split="validation")
    assert batch(user, run, {}).rows[0].failed == [failed]
    add_value(checkpoints[0], 5.0, metric="kid")
    assert batch(user, run, {}).rows[0].failed == []


def test_an_evaluation_that_lacks_one_of_its_metrics_is_partial(user, run, checkpoints):
    evaluation = add_value(checkpoints[0], 0.0, metric="rank1").evaluation
    evaluation.metrics = ["rank1", "fid", "ssim"]
    evaluation.save()
    (row,) = batch(user, run, {}).rows
    assert (row.partial, row.failed, row.complete) == ([evaluation], [], False)
    add_value(checkpoints[0], 5.0)
    add_value(checkpoints[0], 0.5, metric="ssim", extractor="none")
    (row,) = batch(user, run, {}).rows
    assert (row.partial, row.complete) == ([], True)


def test_values_of_different_selections_and_protocols_stand_in_columns_of_their_own(user, run, checkpoints):
    add_value(checkpoints[0], 5.0)
    add_value(checkpoints[0], 6.0, split="validation")
    add_value(checkpoints[0], 7.0, protocol="other")
    found = batch(user, run, {})
    assert sorted(value.value for value in found.rows[0].values) == [5.0, 6.0, 7.0]
    assert len({(column.on, column.protocol) for column in found.columns}) == 3


def test_a_batch_can_be_narrowed(user, run, checkpoints):
    add_value(checkpoints[0], 5.0)
    add_value(checkpoints[0], 6.0, split="validation")
    found = batch(user, run, {"on": "faces:validation"})
    assert len(found.evaluations) == 1
    assert found.choices["on"] == ["faces:test", "faces:validation"]
