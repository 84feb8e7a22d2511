import json

import pytest

from evaluation.selectors.losses import rows_of, thinned
from tests.evaluation.training_fixtures import pair_dataset, submit, write_losses


@pytest.fixture
def run(user):
    return submit(user, pair_dataset())


def test_every_line_is_a_point_while_they_are_few(run, client):
    write_losses(run, [(1, 1, {"l1": 0.5, "gan": 2.0}), (2, 1, {"l1": 0.25, "gan": 3.0})])
    answer = client.get(f"/api/v1/trainings/{run.id}/losses/").json()
    assert answer == {
        "step": [1, 2], "epoch": [1, 1], "losses": {"l1": [0.5, 0.25], "gan": [2.0, 3.0]}, "stride": 1, "state": "queued",
    }  # fmt: skip
    assert client.get(f"/api/v1/trainings/{run.id}/losses/?after=1").json()["step"] == [2]
    assert client.get(f"/api/v1/trainings/{run.id}/losses/?after=2").json()["step"] == []


def test_many_lines_are_thinned_to_means(run, client):
    write_losses(run, [(step, 1, {"l1": float(step)}) for step in range(1, 4503)])
    answer = client.get(f"/api/v1/trainings/{run.id}/losses/").json()
    assert answer["stride"] == 3 and len(answer["step"]) == 1501
    assert answer["losses"]["l1"][:2] == [2.0, 5.0] and answer["step"][:2] == [3, 6]
    assert answer["losses"]["l1"][-1] == 4501.5  # the mean of the last two
    assert answer["step"][-1] == 4502


def test_what_a_resumed_training_wrote_again_counts_once(tmp_path):
    lines = [
        {"step": step, "epoch": 1, "l1": value} for step, value in [(1, 1.0), (2, 2.0), (3, 3.0), (2, 20.0), (3, 30.0)]
    ]
    file = tmp_path / "losses.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)) + '\n{"step": 4, "l1"')
    assert [(row["step"], row["losses"]["l1"]) for row in rows_of(file)] == [(1, 1.0), (2, 20.0), (3, 30.0)]


def test_what_is_not_finite_becomes_null():
    found = thinned([{"step": 1, "epoch": 1, "losses": {"l1": float("nan"), "gan": 1.0}}], 10)
    assert found.losses == {"l1": [None], "gan": [1.0]}


def test_before_anything_is_written_there_are_no_points(run, client):
    assert client.get(f"/api/v1/trainings/{run.id}/losses/").json()["step"] == []


def test_a_step_that_is_no_number_is_refused(run, client):
    answer = client.get(f"/api/v1/trainings/{run.id}/losses/?after=soon")
    assert answer.status_code == 400 and "soon" in answer.json()["detail"]
