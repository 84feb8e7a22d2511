"""Measuring again: another candidate by a number's protocol, or its candidate by another protocol."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from evaluation.models import Evaluation, Result
from tests.evaluation.conftest import EXTRACTOR, add_pictures
from tests.evaluation.test_api_results import results  # noqa: F401  (rows of made-up protocols, as a fixture)
from workers.models import Job

PHOTOS = {"dataset": "faces", "split": "test", "modality": "photo"}
TRAIN = {"dataset": "faces", "split": "train", "modality": "sketch"}


def address(result):
    return f"/api/v1/results/{result.pk}/recompute/"


def text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def measured(submit, run_jobs):
    """A number of the photos against the test sketches."""
    submit("faces:test:photo")
    run_jobs()
    return Result.objects.get()


@pytest.mark.django_db(transaction=True)
class TestOverRest:
    def test_another_candidate_of_the_same_size_gets_a_number_of_the_same_protocol(
        self, dataset, measured, user, client_of, run_jobs
    ):
        add_pictures(dataset, "caricature", range(800, 812))
        candidate = {"dataset": "faces", "split": "test", "modality": "caricature"}
        answer = client_of(user).post(address(measured), {"candidate": candidate}, format="json")
        assert answer.status_code == 202
        run_jobs()
        again = Evaluation.objects.get(id=answer.json()["id"]).results.get()
        assert again.protocol == measured.protocol and again.value != measured.value
        assert (again.metric, again.extractor) == ("fid", EXTRACTOR)

    def test_a_candidate_of_another_size_stands_by_itself(self, measured, user, client_of, run_jobs):
        assert client_of(user).post(address(measured), {"candidate": TRAIN}, format="json").status_code == 202
        run_jobs()
        assert Result.objects.values("protocol").distinct().count() == 2

    def test_an_equal_submission_is_the_one_that_is_there(self, measured, stranger, client_of):
        answer = client_of(stranger).post(address(measured), {"candidate": PHOTOS}, format="json")
        assert (answer.status_code, answer.json()["id"]) == (200, str(measured.evaluation_id))
        assert Job.objects.count() == 1

    @pytest.mark.parametrize(
        ("body", "said"),
        [
            ({}, "Send a JSON object with candidate"), ([], "Send a JSON object with candidate"),
            ({"candidate": PHOTOS, "metrics": ["kid"]}, "Send a JSON object with candidate"),
            ({"candidate": "faces:test:photo"}, "candidate: a set is an object"),
            ({"candidate": PHOTOS | {"modality": "caricature"}}, "holds 0 pictures"),
        ],
    )  # fmt: skip
    def test_bad_input_is_refused_with_a_sentence(self, body, said, measured, user, client_of):
        answer = client_of(user).post(address(measured), body, format="json")
        assert answer.status_code == 400 and said in answer.json()["detail"]
        assert Job.objects.count() == 1

    def test_a_protocol_that_cannot_be_met_any_more_is_refused(self, dataset, measured, user, client_of):
        client = client_of(user)
        detail = measured.protocol_detail
        Result.objects.update(protocol_detail=detail | {"metric_version": 99})
        answer = client.post(address(measured), {"candidate": TRAIN}, format="json")
        assert answer.status_code == 400 and "fid is computed in another way since" in answer.json()["detail"]
        Result.objects.update(protocol_detail=detail | {"weights_digest": "0"})
        said = client.post(address(measured), {"candidate": TRAIN}, format="json").json()["detail"]
        assert "has other weights since" in said
        Result.objects.update(protocol_detail=detail)
        add_pictures(dataset, "sketch", [990])
        said = client.post(address(measured), {"candidate": TRAIN}, format="json").json()["detail"]
        assert "The reference pictures have changed since" in said and "Measure the older candidates anew" in said
        assert Job.objects.count() == 1

    def test_it_needs_a_login_and_a_result_that_is_there(self, measured, user, client_of, visitor):
        assert visitor.post(address(measured), {"candidate": PHOTOS}, format="json").status_code == 401
        missing = client_of(user).post("/api/v1/results/999999/recompute/", {"candidate": PHOTOS}, format="json")
        assert missing.status_code == 404


def test_a_private_result_does_not_exist_for_visitors(results, client):  # noqa: F811
    private = Result.objects.get(value=0.5)
    assert client.get(f"/results/{private.pk}/recompute/").status_code == 404
    assert client.get("/results/999999/recompute/").status_code == 404


def links(response):
    """Addresses of the form that the page leads to, as what each would choose."""
    found = re.findall(r'href="(/evaluations/new/\?[^"]+)"', response.content.decode())
    return [parse_qs(urlsplit(link.replace("&amp;", "&")).query) for link in found]


def test_the_page_leads_to_the_form_with_the_same_protocol_or_the_same_candidate(results, client):  # noqa: F811
    result = Result.objects.get(value=3.0)  # faces:test:photo against faces:test:sketch
    assert f"/results/{result.pk}/recompute/" in client.get("/results/").content.decode()
    page = client.get(f"/results/{result.pk}/recompute/")
    by_same, *by_other = links(page)
    assert by_same["reference_split"] == ["test"] and by_same["reference_modality"] == ["sketch"]
    assert not any(name.startswith("candidate") for name in by_same)
    assert (by_same["metrics"], by_same["extractor"], by_same["like"]) == (["fid"], [EXTRACTOR], ["aaaaaaaaaaaa"])
    assert len(by_other) == 1  # the private protocol is not told
    assert by_other[0]["reference_split"] == ["train"] and by_other[0]["candidate_modality"] == ["photo"]
    assert by_other[0]["like"] == ["000000000000"]


def test_only_the_same_metric_and_extractor_can_be_asked_for(results, client):  # noqa: F811
    Result.objects.filter(protocol="000000000000").update(metric="kid")
    result = Result.objects.get(value=3.0)
    assert len(links(client.get(f"/results/{result.pk}/recompute/"))) == 2
    page = client.get(f"/results/{result.pk}/recompute/?same=1")
    assert len(links(page)) == 1 and "There is no other protocol yet" in text(page)


def test_the_form_says_whether_the_protocol_will_be_met(results, client):  # noqa: F811
    Result.objects.filter(protocol="aaaaaaaaaaaa").update(n_candidate=12)  # one protocol has one size
    result = Result.objects.get(value=3.0)
    (same, *_rest) = links(client.get(f"/results/{result.pk}/recompute/"))
    chosen = {name: value[0] for name, value in same.items()}
    candidate = {"candidate_dataset": "faces", "candidate_split": "test", "candidate_modality": "photo"}
    met = client.get("/evaluations/new/counts/", chosen | candidate)
    assert "aaaaaaaaaaaa : the number can be ranked with those measured by it" in text(met)
    assert "like=aaaaaaaaaaaa" in met["HX-Replace-Url"]
    sketches = candidate | {"candidate_split": "train", "candidate_modality": "sketch"}
    assert "Its candidates have 12 pictures, this one has 10" in text(
        client.get("/evaluations/new/counts/", chosen | sketches)
    )
    other = client.get("/evaluations/new/counts/", chosen | candidate | {"reference_split": "train", "metrics": "kid"})
    assert "Its reference is faces:test:sketch. Its metric is fid." in text(other)
    assert "can be ranked" not in text(client.get("/evaluations/new/", chosen | {"like": "bbbbbbbbbbbb"}))


def test_a_number_on_validation_pictures_is_marked(results, client):  # noqa: F811
    assert "to choose by" not in client.get("/results/").content.decode()
    evaluation = Result.objects.get(value=3.0).evaluation
    Evaluation.objects.filter(pk=evaluation.pk).update(candidate=evaluation.candidate | {"split": "validation"})
    assert client.get("/results/").content.decode().count("to choose by, not to report") == 1
