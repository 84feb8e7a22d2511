"""/sketch/models/ and GET /api/v1/models/: what can draw, where it comes from, what it drew and what it was measured at."""

import re

import pytest
from django.test import Client
from rest_framework.test import APIClient

from evaluation.models import Evaluation, Result
from evaluation.services import checkpoint_update
from stylized_face.offered import model_get, models_built_in
from stylized_face.samples import sample_path, source_path
from stylized_face.services import samples_request
from tests.evaluation.checkpoints import make_checkpoint, write_generator
from tests.evaluation.training_fixtures import pair_dataset
from workers.models import Job, JobState
from workers.queue import enqueue

pytestmark = pytest.mark.django_db
URL = "/sketch/models/"
REST = "/api/v1/models/"


@pytest.fixture
def dataset():
    return pair_dataset(public=False, train=1, test=0)


@pytest.fixture
def checkpoint(dataset, user):
    """A finished training of `user` on a private dataset left it; nobody was offered it."""
    found = make_checkpoint(dataset)
    write_generator(found)
    found.save()
    found.run.owner = user
    found.run.save()
    Job.objects.filter(id=found.run.job_id).update(owner=user)
    found.refresh_from_db()
    return found


@pytest.fixture
def owner_client(user):
    client = Client()
    client.force_login(user)
    return client


def text(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def measured(checkpoint, dataset, *, metric="fid", value=12.5, split="test") -> Result:
    job, _new = enqueue(kind="evaluate", handler="evaluation.jobs.evaluate", queue="batch")
    one = {"dataset": dataset.slug, "split": split, "modality": "sketch"}
    named = {"stylizer": checkpoint} if isinstance(checkpoint, str) else {"checkpoint": checkpoint.id}
    evaluation = Evaluation.objects.create(
        reference=one, candidate=named | {"dataset": dataset.slug, "split": split},
        reference_dataset=dataset, candidate_dataset=dataset, n_reference=9, n_candidate=9,
        candidate_checkpoint=None if isinstance(checkpoint, str) else checkpoint,
        extractor="inception.mixed6e", metrics=[metric], submission_digest="d" * 64, job=job,
    )  # fmt: skip
    return Result.objects.create(
        evaluation=evaluation, metric=metric, value=value, n_reference=9, n_candidate=9, extractor="inception.mixed6e",
        protocol="abc123def456", protocol_detail={}, reference_digest="r" * 64, candidate_digest="c" * 64,
    )  # fmt: skip


class TestPage:
    def test_built_in_methods_are_called_classical(self, client):
        page = text(client.get(URL))
        assert page.count("classical, not trained") == 2
        assert page.count("not measured") == 2 and "photo → sketch" in page
        assert "not offered" not in page and "Take back" not in page

    def test_the_model_that_ships_comes_first_with_its_terms_and_card(self, client, on_shelf):
        answer = client.get(URL)
        page = text(answer)
        assert page.index("Tiny portrait") < page.index("Pencil (classical")
        assert page.index("draws unless you choose another") < page.index("Pencil (classical")
        assert "For research only." in page and "see the model card" in page
        assert f'href="/sketch/models/{on_shelf}/card/"' in answer.content.decode()

    def test_visitors_see_a_checkpoint_only_when_it_is_offered_and_not_where_it_is_from(self, client, checkpoint):
        assert checkpoint.id not in client.get(URL).content.decode()
        checkpoint_update(checkpoint=checkpoint, published=True, title="Soft graphite")
        page = client.get(URL).content.decode()
        assert "Soft graphite" in page and "a dataset that is not public" in page
        assert "/datasets/pairs/" not in page and f"/trainings/{checkpoint.run_id}/" not in page

    def test_its_owner_sees_where_it_comes_from_and_may_offer_it(self, owner_client, checkpoint):
        answer = owner_client.get(URL)
        page = text(answer)
        assert "pix2pix.tiny" in page and "8 pairs" in page and "epoch 2" in page and "not offered" in page
        assert f"/trainings/{checkpoint.run_id}/" in answer.content.decode()
        assert "/datasets/pairs/" in answer.content.decode()
        assert "Offer to everybody" in page and f"?model=checkpoint:{checkpoint.id}" in answer.content.decode()

    def test_others_see_it_but_may_neither_offer_it_nor_draw_with_it(self, client, checkpoint, stranger):
        client.force_login(stranger)
        page = client.get(URL).content.decode()
        assert checkpoint.id in page and "Offer to everybody" not in page
        assert f"?model=checkpoint:{checkpoint.id}" not in page

    def test_measured_scores_name_metric_extractor_and_protocol(self, owner_client, checkpoint, dataset):
        measured(checkpoint, dataset, value=99.25)
        measured(checkpoint, dataset, value=12.5)
        measured(checkpoint, dataset, metric="lpips.squeeze", value=0.3, split="validation")
        page = text(owner_client.get(URL))
        assert "FID ↓ 12.5" in page and "inception.mixed6e" in page and "abc123def456" in page
        assert "99.25" not in page, "the newest number of a metric"
        assert "lpips" not in page, "checkpoints are chosen by validation pictures, so they tell nothing"

    def test_what_comes_with_the_workbench_shows_what_was_measured_here_too(self, owner_client, client, dataset):
        measured("pencil", dataset, value=48.5)
        page = text(owner_client.get(URL))
        assert "FID ↓ 48.5" in page and page.count("not measured") == 1
        assert "48.5" not in text(client.get(URL)), "the pictures are not public"

    def test_scores_on_private_pictures_are_not_told_to_visitors(self, client, checkpoint, dataset):
        measured(checkpoint, dataset)
        checkpoint_update(checkpoint=checkpoint, published=True)
        assert "12.5" not in text(client.get(URL))

    def test_many_checkpoints_take_few_queries_and_pages(
        self, owner_client, dataset, user, django_assert_max_num_queries
    ):
        for number in range(15):
            one = make_checkpoint(dataset, published=number < 2)
            Job.objects.filter(id=one.run.job_id).update(owner=user)
        with django_assert_max_num_queries(16):
            page = text(owner_client.get(URL))
        assert page.count("Offer to everybody") == 12 and page.count("Take back") == 2
        assert text(owner_client.get(f"{URL}?page=2")).count("Offer to everybody") == 1

    def test_an_odd_page_number_is_no_accident(self, owner_client):
        assert owner_client.get(f"{URL}?page=%00&changed=%00").status_code == 200


class TestOffering:
    def change(self, client, checkpoint, published):
        return client.post(f"{URL}{checkpoint.id}/offer/", {"published": published})

    def test_its_owner_offers_it_and_can_undo_it_on_the_page_that_follows(self, owner_client, checkpoint):
        answer = self.change(owner_client, checkpoint, "on")
        checkpoint.refresh_from_db()
        assert checkpoint.published and (answer.status_code, answer.url) == (302, f"{URL}?changed={checkpoint.id}")
        page = owner_client.get(answer.url)
        assert "is offered to visitors now" in text(page) and "Undo" in text(page)
        forms = re.findall(rf'action="{URL}{checkpoint.id}/offer/".*?value="(on|off)"', page.content.decode(), re.S)
        assert forms[0] == "off"
        page = owner_client.get(self.change(owner_client, checkpoint, "off").url)
        checkpoint.refresh_from_db()
        assert not checkpoint.published and "not offered to visitors any more" in text(page)

    def test_it_asks_before_it_does(self, owner_client, checkpoint):
        assert "data-confirm=" in owner_client.get(URL).content.decode()

    def test_offering_asks_for_a_sample_once(self, owner_client, checkpoint):
        for published in ("on", "off", "on"):
            self.change(owner_client, checkpoint, published)
        assert Job.objects.filter(kind="sample").count() == 1

    def test_nobody_else_may(self, client, checkpoint, stranger):
        assert self.change(client, checkpoint, "on").status_code == 302  # to the sign-in page
        client.force_login(stranger)
        assert self.change(client, checkpoint, "on").status_code == 403
        checkpoint.refresh_from_db()
        assert not checkpoint.published

    @pytest.mark.parametrize("value", ["", "maybe", "true"])
    def test_a_nonsense_value_changes_nothing(self, owner_client, checkpoint, value):
        answer = self.change(owner_client, checkpoint, value)
        checkpoint.refresh_from_db()
        assert answer.status_code == 302 and not checkpoint.published
        assert "published is on or off" in text(owner_client.get(URL))

    def test_one_that_is_not_there_is_not_found(self, owner_client):
        assert owner_client.post(f"{URL}0123456789ab/offer/", {"published": "on"}).status_code == 404
        assert owner_client.get(f"{URL}0123456789ab/offer/").status_code == 405


class TestSamples:
    def test_every_offered_model_draws_the_same_drawn_face(self, client, run_jobs, on_shelf):
        assert "No sample yet." in text(client.get(URL))
        assert samples_request() == 3
        assert samples_request() == 0, "they are on their way"
        assert {job.state for job in run_jobs("interactive")} == {JobState.SUCCEEDED}
        page = client.get(URL).content.decode()
        assert "No sample yet." not in page
        addresses = re.findall(r'src="(/sketch/models/samples/[^"]+)"', page)
        assert len(set(addresses)) == 4, "three drawings and the face"
        for address in addresses:
            answer = client.get(address)
            assert answer.status_code == 200 and answer["Content-Type"] == "image/png"
            assert b"".join(answer.streaming_content).startswith(b"\x89PNG")
        assert samples_request() == 0, "they are there"

    def test_a_model_that_takes_a_sketch_is_shown_a_sketch(self, client, checkpoint, run_jobs):
        checkpoint.run.direction_from, checkpoint.run.direction_to = "sketch", "photo"
        checkpoint.run.save()
        checkpoint_update(checkpoint=checkpoint, published=True)
        samples_request()
        run_jobs("interactive")
        model = model_get(model=f"checkpoint:{checkpoint.id}")
        assert sample_path(model).is_file() and source_path("sketch").is_file()
        assert "Send a sketch instead of a photo." in text(client.get(URL))

    def test_one_that_failed_is_not_tried_every_minute(self):
        assert samples_request() == 2
        Job.objects.update(state=JobState.FAILED)
        assert samples_request() == 0

    def test_each_sample_belongs_to_what_drew_it(self, on_shelf):
        digests = {one.digest for one in models_built_in()}
        assert len(digests) == 3 and all(len(digest) == 64 for digest in digests)

    def test_an_unpublished_checkpoint_shows_a_held_out_face_to_who_may_see_it(self, owner_client, client, checkpoint):
        (checkpoint.folder / "samples").mkdir()
        (checkpoint.folder / "samples" / "00.png").write_bytes(b"\x89PNG")
        address = f"/checkpoints/{checkpoint.id}/samples/00.png"
        assert address in owner_client.get(URL).content.decode()
        checkpoint_update(checkpoint=checkpoint, published=True)
        assert address not in client.get(URL).content.decode(), "a visitor gets no private face"
        assert client.get(address).status_code == 404

    @pytest.mark.parametrize("name", ["..", "0" * 23, "source-photo", "A" * 24, "%00", "secret_key"])
    def test_other_names_are_not_found(self, client, name):
        assert client.get(f"{URL}samples/{name}.png").status_code == 404


class TestRest:
    def test_each_model_says_what_it_is(self, on_shelf):
        models = APIClient().get(REST).json()
        assert [(one["id"], one["kind"], one["default"]) for one in models] == [
            (on_shelf, "shipped", True), ("pencil", "classical", False), ("lines", "classical", False),
        ]  # fmt: skip
        assert models[0]["terms"] == "For research only." and models[0]["checkpoint"] is None
        assert [one["strength_and_seed"] for one in models] == [False, True, True]
        assert {(one["takes"], one["gives"], one["sample"]) for one in models} == {("photo", "sketch", None)}

    def test_a_checkpoint_with_its_origin_and_scores(self, checkpoint, dataset, user):
        measured(checkpoint, dataset)
        api = APIClient()
        api.force_authenticate(user)
        found = api.get(REST).json()[-1]
        assert found["id"] == f"checkpoint:{checkpoint.id}"
        expected = {"id": checkpoint.id, "preset": "pix2pix.tiny", "dataset": "pairs", "epoch": 2, "n_pairs": 8}
        assert expected.items() <= found["checkpoint"].items() and found["checkpoint"]["published"] is False
        assert [(one["metric"], one["value"], one["protocol"]) for one in found["scores"]] == [
            ("fid", 12.5, "abc123def456")
        ]
        answer = api.patch(found["checkpoint"]["url"], {"published": True}, format="json")
        assert answer.status_code == 200
        visitors = APIClient().get(REST).json()[-1]
        assert visitors["id"] == found["id"]
        assert visitors["checkpoint"]["dataset"] is None and visitors["scores"] == []
