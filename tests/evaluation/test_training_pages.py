import re

import pytest
from django.urls import reverse

from datasetviewer.models import Dataset
from evaluation.models import TrainingRun
from evaluation.services import checkpoint_delete
from tests.evaluation.training_fixtures import TINY, add_checkpoint, pair_dataset, submit, write_losses
from workers.engine import catalogue
from workers.models import Job, JobState

NEW = "/trainings/new/"


@pytest.fixture
def dataset(db):
    return pair_dataset()


def text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_the_empty_list_says_the_next_step(db, client):
    assert NEW in client.get("/trainings/").content.decode()


def test_without_a_dataset_the_form_says_what_is_missing(db, client):
    assert "No dataset with pairs yet" in text(client.get(NEW))


def test_the_list_shows_state_progress_and_the_last_sample(dataset, user, client, django_assert_max_num_queries):
    for name in ("first", "second"):
        run = submit(user, dataset, name=name, seed=len(name))
        add_checkpoint(run, 1)
        newest = add_checkpoint(run, 2)
    Job.objects.filter(id=run.job_id).update(state=JobState.RUNNING, progress=0.4, step="epoch 2 of 5")
    with django_assert_max_num_queries(12):
        response = client.get("/trainings/")
    shown = text(response)
    assert "second" in shown and "epoch 2 of 5" in shown and "5 pairs" not in shown
    assert f"/checkpoints/{newest.id}/samples/00.png" in response.content.decode()
    assert "No training fits" in text(client.get("/trainings/?state=failed"))


@pytest.mark.parametrize("preset", catalogue.PRESETS)
def test_the_form_is_built_from_the_catalogue(preset, dataset, client):
    response = client.get(NEW, {"preset": preset})
    page = response.content.decode()
    for option in catalogue.PRESETS[preset].options:
        assert f'name="option_{option.name}"' in page, option.name
    assert ("as in the paper" in page) == any(one.paper_faithful for one in catalogue.PRESETS.values())
    assert f'value="{preset}" checked' in page


def test_the_form_counts_pairs_marks_changes_and_keeps_them_in_the_address(dataset, client):
    choice = {"preset": TINY, "dataset": "pairs", "validation_share": "0.2", "option_epochs": "7", "option_batch": "2"}
    page = client.get(NEW, choice)
    assert re.search(r"pairs to learn from\s+4\s", text(page))
    assert page.content.decode().count("option is-changed") == 1
    counts = client.get(f"{NEW}counts/", choice)
    assert "<html" not in counts.content.decode()
    address = counts["HX-Replace-Url"]
    assert "option_epochs=7" in address and "option_batch" not in address and "split" not in address
    assert "14" in text(counts)  # steps: 2 an epoch


def test_options_of_another_preset_do_not_follow(dataset, client):
    response = client.get(
        NEW, {"preset": "vae.tiny", "options_of": TINY, "option_epochs": "9"}, headers={"HX-Request": "1"}
    )
    assert "option_epochs" not in response["HX-Replace-Url"]


@pytest.mark.parametrize("value", ["nonsense", "", "-1", "1e999", "<script>alert(1)</script>"])
def test_the_form_survives_nonsense_in_the_address(value, dataset, client):
    for field in (
        "preset",
        "dataset",
        "split",
        "source",
        "direction",
        "seed",
        "validation_share",
        "parent",
        "option_epochs",
    ):
        for address in (NEW, f"{NEW}counts/"):
            response = client.get(address, {field: value})
            assert response.status_code == 200, field
            assert "<script>alert" not in response.content.decode()


def test_the_form_submits(dataset, user, client):
    choice = {
        "preset": TINY,
        "dataset": "pairs",
        "option_epochs": "3",
        "option_flip": ["false", "true"],
        "name": "mine",
    }
    assert client.post(NEW, choice).url.startswith(reverse("access:sign-in"))
    client.force_login(user)
    response = client.post(NEW, choice)
    run = TrainingRun.objects.get()
    assert response.url == f"/trainings/{run.id}/"
    assert (run.options["epochs"], run.options["flip"], run.name, run.owner) == (3, True, "mine", user)
    assert "waiting or running" in text(client.post(NEW, choice, follow=True))
    assert client.post(NEW, choice | {"option_flip": "false"}).status_code == 302
    assert TrainingRun.objects.get(options__flip=False)


def test_the_form_refuses_beside_the_field_and_keeps_the_choice(dataset, user, client):
    client.force_login(user)
    response = client.post(NEW, {"preset": TINY, "dataset": "pairs", "option_lr": "quick", "option_epochs": "5"})
    assert response.status_code == 400
    page = response.content.decode()
    assert re.search(r'name="option_lr"[^>]*value="quick".*?invalid-feedback[^>]*>[^<]*lr', page, re.S)
    assert 'name="option_epochs" id="id_epochs" value="5"' in page
    assert not TrainingRun.objects.exists()


def test_a_trial_is_begun_from_the_form_and_followed(dataset, user, stranger, client):
    choice = {"preset": TINY, "dataset": "pairs"}
    client.force_login(user)
    address = re.search(
        r'hx-get="(/trainings/preflight/[^"]+)"', client.post("/trainings/preflight/", choice).content.decode()
    )[1]
    assert "every 1s" in client.get(address).content.decode()
    Job.objects.update(state=JobState.FAILED, message="Too little memory.")
    assert "Too little memory." in text(client.get(address)) and "every 1s" not in client.get(address).content.decode()
    assert "option" in text(client.post("/trainings/preflight/", choice | {"option_epochs": "many"}))
    client.force_login(stranger)
    assert client.get(address).status_code == 404


def test_the_page_shows_losses_faces_checkpoints_options_and_snippets(dataset, user, client):
    run = submit(user, dataset, options={"epochs": 4}, validation_share=0.4)
    write_losses(run, [(1, 0.5, {"l1": 0.75}), (2, 1.0, {"l1": 0.5})])
    first, second = add_checkpoint(run, 1, samples=2), add_checkpoint(run, 2, samples=2)
    Job.objects.update(state=JobState.SUCCEEDED)
    page = client.get(f"/trainings/{run.id}/").content.decode()
    assert f'src="/checkpoints/{second.id}/samples/01.png"' in page
    assert "0.7500" in page  # the table of losses
    assert 'id="samples-timeline"' in page and first.id in page
    for part in ("curl -X POST", "requests.post", "manage.py train pix2pix.tiny --dataset pairs", run.train_digest):
        assert part in page, part
    assert "style=" not in page and "onclick" not in page
    earlier = client.get(f"/trainings/{run.id}/?checkpoint={first.id}").content.decode()
    assert f'src="/checkpoints/{first.id}/samples/01.png"' in earlier
    assert client.get(f"/trainings/{run.id}/?checkpoint=nonsense").status_code == 200


def test_the_snippets_submit_the_same_training(dataset, user, client, client_of):
    import json
    import shlex

    run = submit(user, dataset, options={"epochs": 4, "flip": "no"}, source="AR", seed=3, validation_share=0.25)
    page = client.get(f"/trainings/{run.id}/")
    curl = next(snippet for snippet in page.context["snippets"] if snippet.id == "snippet-curl").text
    body = json.loads(shlex.split(curl)[-1])
    again = client_of(user).post("/api/v1/trainings/", body)
    assert (again.status_code, again.json()["id"]) == (200, str(run.id))


def test_the_live_part_says_when_there_is_another_checkpoint(dataset, user, client):
    run = submit(user, dataset)
    Job.objects.update(state=JobState.RUNNING)
    address = f"/trainings/{run.id}/live/"
    assert "HX-Trigger" not in client.get(address, {"seen": "0"})
    add_checkpoint(run, 1)
    response = client.get(address, {"seen": "0"})
    assert response["HX-Trigger"] == "checkpoint-made" and "seen=1" in response.content.decode()
    assert add_checkpoint(run, 2).id in client.get(f"/trainings/{run.id}/samples/").content.decode()
    Job.objects.update(state=JobState.SUCCEEDED)
    assert "hx-get" not in client.get(address).content.decode()


def test_only_owner_and_staff_stop_resume_and_change_checkpoints(dataset, user, stranger, client):
    run = submit(user, dataset)
    checkpoint = add_checkpoint(run, 1)
    addresses = [
        f"/trainings/{run.id}/cancel/",
        f"/checkpoints/{checkpoint.id}/delete/",
        f"/checkpoints/{checkpoint.id}/change/",
    ]
    client.force_login(stranger)
    assert [client.post(address).status_code for address in addresses] == [403, 403, 403]
    client.force_login(user)
    assert [client.get(address).status_code for address in addresses] == [405, 405, 405]
    client.post(addresses[0])
    run.job.refresh_from_db()
    assert run.job.state == JobState.CANCELLED
    assert "Resume" in text(client.get(f"/trainings/{run.id}/"))
    client.post(f"/trainings/{run.id}/resume/")
    run.job.refresh_from_db()
    assert run.job.state == JobState.QUEUED
    client.post(addresses[2], {"title": "best", "published": ["off", "on"]})
    checkpoint.refresh_from_db()
    assert (checkpoint.title, checkpoint.published) == ("best", True)
    assert "restored for a week" in text(client.post(addresses[1], follow=True))
    assert "Restore" in text(client.get(f"/trainings/{run.id}/"))
    client.post(f"/checkpoints/{checkpoint.id}/restore/")
    checkpoint.refresh_from_db()
    assert checkpoint.deleted is None and not checkpoint.published


def test_samples_are_shown_to_who_may_see_the_dataset_and_to_nobody_else(user, client):
    run = submit(user, pair_dataset("secret", public=False))
    checkpoint = add_checkpoint(run, 1)
    address = f"/checkpoints/{checkpoint.id}/samples/00.png"
    assert client.get(address).status_code == 404
    client.force_login(user)
    response = client.get(address)
    assert response.status_code == 200 and "private" in response["Cache-Control"]
    for name in ("01.png", "..%2Fcheckpoint.json", "../generator.safetensors", "%2e%2e", "00.png%00"):
        assert client.get(f"/checkpoints/{checkpoint.id}/samples/{name}").status_code in (400, 404), name
    checkpoint_delete(checkpoint=checkpoint)
    assert client.get(address).status_code == 404


def test_going_on_from_a_checkpoint_begins_with_its_options(dataset, user, client):
    run = submit(user, dataset, options={"epochs": 4, "lr": 0.001}, seed=5)
    checkpoint = add_checkpoint(run, 3)
    page = client.get(NEW, {"parent": checkpoint.id}).content.decode()
    assert 'id="id_lr" value="0.001"' in page and 'id="id_seed" min="0" max="2147483647" step="1" value="5"' in page
    assert page.count('name="preset"') == 1  # no other network fits its weights
    client.force_login(user)
    client.post(NEW, {"parent": checkpoint.id, "dataset": "pairs", "option_epochs": "2", "seed": "5"})
    assert TrainingRun.objects.get(parent=checkpoint).options["lr"] == 0.001


def test_a_training_outlives_its_dataset(dataset, user, client):
    run = submit(user, dataset)
    add_checkpoint(run, 1)
    Dataset.objects.get(pk=dataset.pk).delete()
    client.force_login(user)
    page = text(client.get(f"/trainings/{run.id}/"))
    assert "dataset gone" in page and "dataset gone" in text(client.get("/trainings/"))
