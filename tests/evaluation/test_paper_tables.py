"""A paper table measured: every method by every metric, numbers used again, what cannot be measured left out."""

import pytest

from evaluation import sets
from evaluation.models import Evaluation, PaperTable
from evaluation.paper import texts
from evaluation.selectors.paper_tables import table_shown
from evaluation.services import evaluation_submit
from evaluation.services import paper_tables as services
from evaluation.sets import StylizerSet
from tests.evaluation.paper_fixtures import cell, filled, published_of_eight, table_maker
from workers.models import Job, JobState

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def published(dataset, pairs, tmp_path):
    return published_of_eight(dataset, pairs, tmp_path / "in")


@pytest.fixture
def make(dataset, pairs, user):
    return table_maker(user)


def test_one_action_measures_every_method_by_every_metric(make, run_jobs, user, published):
    _table, shown = filled(make, run_jobs, user, "photo", f"published:{published.pk}")
    assert {job.state for job in Job.objects.all()} == {JobState.SUCCEEDED}
    assert [row.name for row in shown.rows] == ["Photo as sketch", "R&D_net 100%"]
    assert all(one.result is not None and one.text for row in shown.rows for one in row.cells)
    assert (shown.progress, shown.live, shown.lacking, shown.problems) == (1.0, [], 0, [])
    for row in shown.rows:
        for one in row.cells:
            assert one.result.metric == one.column.metric
    ssim = [cell(shown, row, "ssim") for row in (0, 1)]
    assert ssim[0].result.protocol == ssim[1].result.protocol
    better = max((0, 1), key=lambda row: ssim[row].result.value)
    assert [one.best for one in ssim] == [row == better for row in (0, 1)]


def test_numbers_that_exist_are_used_again(make, run_jobs, user, dataset):
    first, _created = evaluation_submit(
        user=user, reference=sets.parse_text("faces:test:sketch", "reference"),
        candidate=sets.parse_text("faces:test:photo", "candidate"), extractor="", metrics=["ssim", "psnr", "gmsd"],
    )  # fmt: skip
    run_jobs()
    table = make(columns=["ssim", "gmsd", "scoot"])
    measured = services.table_measure(user=user, table=table)
    assert measured.reused == [first]
    assert [each.metrics for each in measured.queued] == [["scoot"]]
    again = services.table_measure(user=user, table=table)
    assert (again.queued, len(again.reused)) == ([], 2)
    assert Evaluation.objects.count() == 2
    run_jobs()
    assert table_shown(table, user).lacking == 0


def test_numbers_of_pictures_that_changed_since_are_not_used_again(make, run_jobs, user, dataset):
    table, _shown = filled(make, run_jobs, user, columns=["ssim"])
    (old,) = table.evaluations.all()
    dataset.images.filter(modality="photo").first().delete()
    measured = services.table_measure(user=user, table=table)
    assert len(measured.queued) == 1
    assert list(table.evaluations.all()) == measured.queued != [old]


def test_a_failed_measuring_is_tried_again(make, user):
    table = make(columns=["ssim"])
    (evaluation,) = services.table_measure(user=user, table=table).queued
    Job.objects.filter(pk=evaluation.job_id).update(state=JobState.FAILED, message="no room")
    shown = table_shown(table, user)
    assert (cell(shown, 0, "ssim").failed, shown.lacking) == (evaluation, 1)
    (other,) = services.table_measure(user=user, table=table).queued
    assert other != evaluation
    assert cell(table_shown(table, user), 0, "ssim").live == other


def test_two_clicks_at_once_queue_nothing_twice(make, user):
    table = make()
    services.table_measure(user=user, table=table)
    services.table_measure(user=user, table=PaperTable.objects.get(pk=table.pk))
    assert Evaluation.objects.count() == 2 == table.evaluations.count()


def test_missing_weights_leave_a_column_out_and_say_the_command(make, run_jobs, user):
    _table, shown = filled(make, run_jobs, user, columns=["ssim", "lpips.squeeze", "fid:inception.pool3"])
    assert set(shown.missing) == {"lpips.squeeze", "fid:inception.pool3"}
    assert "python manage.py" in shown.missing["lpips.squeeze"]
    assert "weights inception.pool3" in shown.missing["fid:inception.pool3"]
    assert cell(shown, 0, "ssim").result is not None
    assert cell(shown, 0, "lpips.squeeze").result is None
    assert (shown.lacking, Evaluation.objects.count()) == (0, 1)
    assert any("python manage.py" in note for note in texts.notes(shown))


def test_a_method_that_cannot_be_measured_stops_no_other(make, run_jobs, user, published):
    table = make("photo", f"published:{published.pk}", columns=["ssim"])
    published.delete()
    services.table_measure(user=user, table=table)
    run_jobs()
    shown = table_shown(table, user)
    assert cell(shown, 0, "ssim").result is not None
    assert "no published results" in shown.rows[1].problem
    assert len(shown.problems) == 1


def test_a_method_whose_pictures_are_gone_keeps_its_numbers(make, run_jobs, user, published):
    table, shown = filled(make, run_jobs, user, "photo", f"published:{published.pk}", columns=["ssim"])
    before = cell(shown, 1, "ssim").text
    published.delete()
    services.table_measure(user=user, table=table)
    shown = table_shown(table, user)
    assert cell(shown, 1, "ssim").text == before != ""
    assert "no published results" in shown.rows[1].problem


def test_a_metric_that_asks_for_more_pairs_stops_no_other(make, run_jobs, user, dataset, pairs):
    for key in sorted(pairs)[4:]:
        for image in pairs[key]:
            image.pair = None
            image.save()
    _table, shown = filled(make, run_jobs, user, columns=["ssim", "nlda"])
    assert cell(shown, 0, "ssim").result is not None
    assert "nlda" in cell(shown, 0, "nlda").problem and "6 pairs" in cell(shown, 0, "nlda").problem


def test_cancelling_stops_what_the_person_may_stop(make, user, stranger):
    table = make()
    services.table_measure(user=user, table=table)
    assert services.table_cancel(user=stranger, table=table) == (0, 2)
    assert services.table_cancel(user=user, table=table) == (2, 0)
    assert table_shown(table, user).states == {"cancelled": 2}


def test_pencil_is_a_row_that_is_drawn_first(make, run_jobs, user, dataset):
    _table, shown = filled(make, run_jobs, user, "pencil", columns=["ssim"])
    assert [row.name for row in shown.rows] == ["pencil"]
    assert cell(shown, 0, "ssim").result.n_candidate == 8
    found = sets.contents(StylizerSet("pencil", "faces", "test"), "candidate", user=user)
    assert len(found.paths) == 12 and all(path.is_file() for path in found.paths)
    assert len({path.parent for path in found.paths}) == 1
    stamps = {path: path.stat().st_mtime_ns for path in found.paths}
    filled(make, run_jobs, user, "pencil", columns=["gmsd"])
    assert {path: path.stat().st_mtime_ns for path in found.paths} == stamps


def test_pencil_and_photo_are_ranked_with_each_other(make, run_jobs, user):
    _table, shown = filled(make, run_jobs, user, "photo", "pencil", columns=["ssim"])
    assert len({cell(shown, row, "ssim").result.protocol for row in (0, 1)}) == 1
    assert sorted(cell(shown, row, "ssim").best for row in (0, 1)) == [False, True]
