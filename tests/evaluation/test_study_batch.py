"""Measuring the checkpoints of a run in one action: service, REST and page; and the pairs that a run held out."""

import json
import re

import pytest

from datasetviewer.models import Dataset, Image, Pair
from evaluation import sets
from evaluation.models import Evaluation
from evaluation.selectors import study
from evaluation.services.study import checkpoints_chosen, checkpoints_evaluate
from tests.evaluation.checkpoints import Negatives
from tests.evaluation.conftest import EXTRACTOR
from tests.evaluation.study_rows import add_value, add_values, make_checkpoints, make_run
from workers.engine.errors import InputError
from workers.models import Job, JobState


@pytest.fixture
def run(dataset, user):
    run = make_run(dataset, user, name="plain")
    make_checkpoints(run, [10, 20, 30], files=True)
    return run


@pytest.fixture
def bare_run(db, user):
    """On a dataset without pictures, for what looks at none."""
    run = make_run(Dataset.objects.create(slug="bare", name="Bare", layout="folders", public=True), user)
    make_checkpoints(run, [10, 20, 30])
    return run


@pytest.fixture
def pairs(dataset, run):
    """Four pairs of the training split, of which the run held out the last two."""
    photos = list(Image.objects.filter(dataset=dataset, modality="photo")[:4])
    sketches = list(Image.objects.filter(dataset=dataset, modality="sketch", split="train")[:4])
    for number, members in enumerate(zip(photos, sketches, strict=True)):
        pair = Pair.objects.create(dataset=dataset, subject=members[0].subject, key=f"p{number}")
        Image.objects.filter(pk__in=[member.pk for member in members]).update(pair=pair, split="train")
    held = [{"key": f"p{n}", "source": photos[n].pk, "target": sketches[n].pk} for n in (2, 3)]
    run.folder.mkdir(parents=True)
    (run.folder / "validation.json").write_text(json.dumps(held))
    return photos, sketches


def wish(**more):
    return {"dataset": "faces", "split": "test", "extractors": [EXTRACTOR], "metrics": ["fid"], **more}


def epochs(made):
    return [evaluation.candidate_checkpoint.epoch for evaluation, _created in made]


@pytest.mark.parametrize(
    ("wanted", "expected"), [("all", [10, 20, 30]), ("every 2", [10, 30]), ("every 3", [30]), ("every 99", [30])]
)
def test_checkpoints_are_chosen_by_rule_counted_back_from_the_last(bare_run, wanted, expected):
    assert [checkpoint.epoch for checkpoint in checkpoints_chosen(bare_run, wanted)] == expected


def test_checkpoints_are_chosen_by_number_in_the_order_of_training(bare_run):
    names = [checkpoint.pk for checkpoint in bare_run.checkpoints.order_by("-step")[:2]]
    assert [checkpoint.epoch for checkpoint in checkpoints_chosen(bare_run, names)] == [20, 30]


@pytest.mark.parametrize("wanted", ["some", "every 0", "every -1", [], None, 7, {}, [7], ["f" * 12], [["x"]]])
def test_other_choices_are_refused_in_words(bare_run, wanted):
    with pytest.raises(InputError, match="checkpoints: "):
        checkpoints_chosen(bare_run, wanted)


def test_every_checkpoint_is_queued_once_with_every_extractor_and_the_real_pictures_as_reference(run, user):
    made = checkpoints_evaluate(user=user, run=run, **wish())
    assert epochs(made) == [10, 20, 30]
    assert {str(evaluation.reference_label) for evaluation, _created in made} == {"faces:test:sketch"}
    again = checkpoints_evaluate(user=user, run=run, **wish())
    assert [evaluation.pk for evaluation, _ in again] == [evaluation.pk for evaluation, _ in made]
    assert [created for _, created in again] == [False] * 3


def test_the_shared_lookup_gives_the_very_sets_of_single_ones(run, user):
    checkpoints = list(run.checkpoints.order_by("step"))
    first, last = (
        sets.contents(sets.CheckpointSet(checkpoint.pk, "faces", "test"), "candidate", user=user)
        for checkpoint in (checkpoints[0], checkpoints[-1])
    )
    assert sets.made_by(checkpoints[-1], first) == last
    assert first != last


def test_pictures_are_looked_up_once_for_all_checkpoints(run, user, django_assert_max_num_queries):
    make_checkpoints(run, range(40, 240, 10), files=True)
    with django_assert_max_num_queries(23 * 9 + 20):
        checkpoints_evaluate(user=user, run=run, **wish())


def test_a_checkpoint_without_files_is_named(run, user):
    last = run.checkpoints.last()
    last.folder.rmdir()
    with pytest.raises(InputError, match=last.pk):
        checkpoints_evaluate(user=user, run=run, **wish())


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"extractors": []}, "extractors"), ({"extractors": EXTRACTOR}, "extractors"), ({"metrics": ["beauty"]}, "Known"),
        ({"dataset": "nowhere"}, "nowhere"), ({"split": "moon"}, "moon"), ({"split": "validation"}, "at least 2"),
        ({"extractors": [EXTRACTOR, "none.at_all"]}, "Known"), ({"split": "held_out"}, "held out no pictures"),
    ],
)  # fmt: skip
def test_a_bad_wish_queues_nothing_at_all(run, user, more, said):
    jobs = Job.objects.count()
    with pytest.raises(InputError, match=said):
        checkpoints_evaluate(user=user, run=run, **wish(**more))
    assert (Evaluation.objects.count(), Job.objects.count()) == (0, jobs)


def test_metrics_of_the_pictures_themselves_are_measured_once_whatever_the_extractors(run, user, pairs):
    made = checkpoints_evaluate(
        user=user, run=run, **wish(split="train", checkpoints="every 9", metrics=["fid", "ssim"])
    )
    assert [(evaluation.extractor, evaluation.metrics) for evaluation, _created in made] == [
        (EXTRACTOR, ["fid"]), ("none", ["ssim"]),
    ]  # fmt: skip
    plain = checkpoints_evaluate(
        user=user, run=run, **wish(split="train", checkpoints="every 9", metrics=["ssim"], extractors=[])
    )
    assert [(evaluation.pk, created) for evaluation, created in plain] == [(made[1][0].pk, False)]


def test_too_many_at_once_are_refused(run, user, monkeypatch):
    monkeypatch.setattr("evaluation.services.study.MOST", 2)
    with pytest.raises(InputError, match="at most 2"):
        checkpoints_evaluate(user=user, run=run, **wish())


def test_a_run_without_checkpoints_says_so(dataset, user):
    with pytest.raises(InputError, match="no checkpoints yet"):
        checkpoints_evaluate(user=user, run=make_run(dataset, user), **wish())


# --- held-out pairs -------------------------------------------------------------------------------------------------


def test_the_held_out_pairs_of_a_run_are_a_set_of_either_side(run, user, pairs):
    photos, sketches = pairs
    checkpoint = run.checkpoints.first()
    made = sets.contents(
        sets.parse_text(f"checkpoint:{checkpoint.pk}@faces:held_out", "candidate"), "candidate", user=user
    )
    real = sets.contents(
        sets.parse({"held_out": str(run.pk), "modality": "sketch"}, "reference"), "reference", user=user
    )
    assert {path.stem for path in made.paths} == {photo.sha256 for photo in photos[2:]}
    assert {path.stem for path in real.paths} == {sketch.sha256 for sketch in sketches[2:]}
    assert sets.matched(real, made).keys == ("p2", "p3")
    assert sets.parse_text(str(real.spec), "reference") == real.spec == sets.from_json(sets.to_json(real.spec))


def test_choosing_goes_by_held_out_pairs(run, user, pairs):
    made = checkpoints_evaluate(user=user, run=run, **wish(split="held_out"))
    assert {evaluation.candidate_label.partition("@")[2] for evaluation, _created in made} == {"faces:held_out"}
    assert {(evaluation.n_candidate, evaluation.n_reference) for evaluation, _created in made} == {(2, 2)}


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"held_out": "nonsense", "modality": "sketch"}, "no number of a training run"),
        ({"held_out": "00000000-0000-0000-0000-000000000000", "modality": "sketch"}, "no training run"),
        ({"held_out": "{run}", "modality": "caricature"}, "held out no pictures"),
        ({"held_out": "{run}", "modality": "smell"}, "Known"),
        ({"held_out": "{run}"}, "modality"),
        ({"checkpoint": "{checkpoint}", "dataset": "secret", "split": "held_out"}, "those of faces"),
        ({"checkpoint": "{checkpoint}", "dataset": "faces", "split": "held_out", "source": "CUHK"}, "without a source"),
    ],
)
def test_other_held_out_sets_are_refused_in_words(run, user, pairs, private_dataset, spec, said):
    names = {"run": run.pk, "checkpoint": run.checkpoints.first().pk}
    with pytest.raises(InputError, match=said):
        sets.contents(sets.parse({key: value.format(**names) for key, value in spec.items()}, "set"), "set", user=user)


def test_pictures_that_were_deleted_since_are_missed(run, user, pairs):
    pairs[0][3].delete()
    with pytest.raises(InputError, match="gone"):
        checkpoints_evaluate(user=user, run=run, **wish(split="held_out"))


# --- REST -----------------------------------------------------------------------------------------------------------


def address(run):
    return f"/api/v1/trainings/{run.pk}/evaluate/"


def test_rest_queues_and_then_finds_them_again(run, user, client_of):
    client = client_of(user)
    first = client.post(address(run), wish(checkpoints="every 2"))
    assert first.status_code == 202
    assert [(each["epoch"], each["state"], each["created"]) for each in first.json()["evaluations"]] == [
        (10, "queued", True), (30, "queued", True),
    ]  # fmt: skip
    second = client.post(address(run), wish())
    assert (second.status_code, second.json()["created"], second.json()["count"]) == (202, 1, 3)
    assert client.post(address(run), wish()).status_code == 200
    assert client.get(second.json()["page"]).status_code == 200
    assert (
        client.get(second.json()["evaluations"][0]["url"]).json()["id"] == second.json()["evaluations"][0]["evaluation"]
    )


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"checkpoint": "all"}, "no entry 'checkpoint'"), ({"metrics": None}, "metrics"), ({"dataset": 7}, "dataset"),
        ({"reference": "faces"}, "reference"), ({"checkpoints": "few"}, "checkpoints"), ({"split": ["test"]}, "split"),
    ],
)  # fmt: skip
def test_rest_refuses_in_words(run, user, client_of, more, said):
    answer = client_of(user).post(address(run), wish(**more))
    assert answer.status_code == 400
    assert said in answer.json()["detail"]
    assert Evaluation.objects.count() == 0


def test_rest_names_what_is_missing_and_takes_only_objects(run, user, client_of):
    client = client_of(user)
    assert "metrics is missing" in client.post(address(run), {"dataset": "faces", "split": "test"}).json()["detail"]
    assert client.post(address(run), [1]).status_code == 400


def test_rest_asks_for_extractors_only_where_a_metric_looks_at_features(run, user, client_of, pairs):
    client, wanted = client_of(user), wish(split="train", checkpoints="every 9", metrics=["ssim"])
    del wanted["extractors"]
    answer = client.post(address(run), wanted)
    assert answer.status_code == 202, answer.json()
    assert [each["extractor"] for each in answer.json()["evaluations"]] == ["none"]
    refused = client.post(address(run), {**wanted, "metrics": ["ssim", "fid"]})
    assert refused.status_code == 400
    assert "extractors: give a list with at least one" in refused.json()["detail"]


def test_rest_is_for_the_signed_in_and_for_runs_that_exist(run, user, visitor, client_of):
    assert visitor.post(address(run), wish()).status_code == 401
    missing = "/api/v1/trainings/00000000-0000-0000-0000-000000000000/evaluate/"
    assert client_of(user).post(missing, wish()).status_code == 404
    assert client_of(user).get(address(run)).status_code == 405


# --- page -----------------------------------------------------------------------------------------------------------


def page(run):
    return f"/trainings/{run.pk}/measured/"


def test_the_page_queues_what_is_ticked_and_follows_it(run, user, client):
    client.force_login(user)
    ticked = [checkpoint.pk for checkpoint in run.checkpoints.order_by("step")[1:]]
    form = {
        "dataset": "faces", "split": "test", "checkpoints": "chosen", "checkpoint": ticked, "extractor": EXTRACTOR,
        "metrics": ["fid"],
    }  # fmt: skip
    answer = client.post(page(run), form, follow=True)
    text = answer.content.decode()
    assert "2 evaluations queued." in text
    assert "0 of 2 evaluations are over" in text
    assert 'hx-trigger="every 2s"' in text
    part = client.get(answer.request["PATH_INFO"], headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part


def test_the_page_keeps_the_choices_of_a_refused_form(run, user, client):
    client.force_login(user)
    form = {"dataset": "faces", "split": "test", "checkpoints": "chosen", "extractor": EXTRACTOR, "metrics": ["kid"]}
    answer = client.post(page(run), form)
    assert answer.status_code == 400
    text = answer.content.decode()
    assert "checkpoints: give" in text
    assert 'value="kid" id="id_metric_2" checked' in text


def test_the_page_offers_held_out_pairs_first_and_the_networks_of_checkpoints(run, pairs, client):
    text = client.get(page(run)).content.decode()
    assert '<option value="held_out" selected>' in text
    assert "pix2pix.en7" in text
    assert run.checkpoints.first().pk in text


def test_a_half_chosen_network_of_a_checkpoint_is_asked_for(run, user, client):
    client.force_login(user)
    answer = client.post(page(run), {"extractor": "checkpoint", "layer": "pix2pix.en7", "metrics": ["fid"]})
    assert answer.status_code == 400
    assert "Choose a layer and a checkpoint" in answer.content.decode()


def test_the_page_links_what_failed_everywhere_and_calls_states_in_the_readers_language(run, client):
    checkpoints = list(run.checkpoints.order_by("step"))
    evaluations = add_values(checkpoints, [0] * 3, metric="rank1", state=JobState.FAILED)
    text = client.get(page(run)).content.decode()
    assert "Rank-1" in text and ">done<" not in text
    assert all(f'href="/evaluations/{evaluation.pk}/"' in text for evaluation in evaluations)
    chinese = client.get(page(run), headers={"Accept-Language": "zh-hans"}).content.decode()
    assert re.search(r"state-failed\">3 [^a-z<]+</span>", chinese)


def test_the_page_says_where_only_some_of_the_metrics_could_be_measured(run, client):
    first = run.checkpoints.order_by("step").first()
    result = add_value(first, 0.0, metric="rank1")
    Evaluation.objects.filter(pk=result.evaluation_id).update(metrics=["rank1", "fid"])
    Job.objects.filter(evaluation=result.evaluation_id).update(message="rank1 0. Not measured: fid.")
    text = client.get(page(run)).content.decode()
    assert re.search(r'title="rank1 0. Not measured: fid.">measured in part</a>', text)
    assert f'href="/evaluations/{result.evaluation_id}/"' in text


def test_visitors_look_but_sign_in_to_measure(run, client):
    assert client.get(page(run)).status_code == 200
    assert "sign-in" in client.post(page(run), wish())["Location"]


def test_a_run_of_a_private_dataset_is_not_there_for_visitors(private_dataset, user, client):
    run = make_run(private_dataset, user)
    assert client.get(page(run)).status_code == 404
    client.force_login(user)
    assert client.get(page(run)).status_code == 200


# --- the whole way --------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_from_the_action_to_a_point_on_the_curve_and_the_faces_that_moved(run, user, client, run_jobs, monkeypatch):
    monkeypatch.setattr("workers.engine.families.generate.generate_set", Negatives())
    checkpoints_evaluate(user=user, run=run, **wish(checkpoints="every 2"))
    assert [job.state for job in run_jobs()] == ["succeeded"] * 2
    found = study.curve(user, runs=[str(run.pk)])
    assert [point.checkpoint.epoch for point in found.points] == [10, 30]
    assert found.points[0].value == found.points[1].value  # the stand-in draws the same for both
    first, _second, last = run.checkpoints.order_by("step")
    answer = client.get(f"/results/curve/{first.pk}/{last.pk}/", {"on": "faces:test", "extractor": EXTRACTOR})
    text = answer.content.decode()
    assert "by the distance between the features" in text
    assert text.count("generated/") == 24
    picture = Image.objects.filter(modality="photo").first()
    drawn = client.get(f"/checkpoints/{last.pk}/generated/{picture.sha256}.png")
    assert (drawn.status_code, drawn["Content-Type"]) == (200, "image/png")
    assert b"".join(drawn.streaming_content).startswith(b"\x89PNG")
    pixels = client.get(f"/results/curve/{first.pk}/{last.pk}/", {"on": "faces:test"}).content.decode()
    assert "by the mean difference of grey levels" in pixels
