"""Recognition tests over REST, on pages and from the command line: works, bad input, somebody else's, missing."""

import json

import pytest
from django.test import Client

from datasetviewer.models import Dataset
from evaluation.models import RecognitionTest
from tests.evaluation.conftest import EXTRACTOR
from tests.evaluation.recognition_fixtures import sketch_dataset, web_dataset
from tests.evaluation.test_commands import run as call
from workers.models import Job, JobState

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/recognitions/"
CHOICES = f"{URL}choices/"
BODY = {"dataset": "web", "protocol": "verification-restricted-view2", "extractors": [EXTRACTOR]}
SKETCH = {"dataset": "sketches", "split": "test", "modality": "sketch"}
PHOTO = {**SKETCH, "modality": "photo"}
TOO_FEW = "too few pairs of different persons for this rate: it is that of FAR 0"


@pytest.fixture
def web(db):
    return web_dataset()


@pytest.fixture
def done(web, client_of, user, run_jobs):
    """A finished test of alice's."""
    answer = client_of(user).post(URL, BODY, format="json")
    assert answer.status_code == 202, answer.json()
    run_jobs()
    return RecognitionTest.objects.get(pk=answer.json()["id"])


def test_a_test_is_queued_found_again_and_measured(web, client_of, user, run_jobs):
    client = client_of(user)
    first = client.post(URL, BODY, format="json")
    assert first.status_code == 202 and first["Location"] == first.json()["url"]
    assert first.json()["state"] == "queued" and first.json()["values"] == []
    again = client.post(URL, BODY, format="json")
    assert again.status_code == 200 and again.json()["id"] == first.json()["id"]
    run_jobs()
    told = client.get(first.json()["url"]).json()
    assert (told["state"], told["scheme"], told["label"], told["for_choosing"]) == (
        "succeeded",
        "restricted",
        "unseen",
        False,
    )
    measured = {(value["part"], value["measure"]): value for value in told["values"]}
    assert {part for part, _measure in measured} == {"1", "2", "3", ""}
    assert measured["", "auc"]["deviation"] is not None and len(told["protocol"]) == 12
    assert told["roc"]["rate"][-1] == 1 and told["confusions"]["false_accepts"][0]["pictures"][0]["file"].startswith(
        "http"
    )
    assert told["warnings"][0]["text"]
    listed = client.get(URL, {"protocol": told["protocol"]}).json()
    assert listed["count"] == 1 and client.get(URL, {"protocol": "0" * 12}).json()["count"] == 0


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"dataset": "nowhere"}, "there is no dataset 'nowhere'"),
        ({"protocol": "verification-restricted-view9"}, "Known: .*verification-restricted-view2"),
        ({"version": 7}, "v7"),
        ({"version": "two"}, "no version's number"),
        ({"extractors": ["nothing.here"]}, "There is no extractor named 'nothing.here'"),
        ({"extractors": []}, "at least one of"),
        ({"extractors": ["none"]}, "looks through a network"),
        ({"extractors": [EXTRACTOR] * 2}, "one for each of the 3 parts"),
        ({"extractors": ["pix2pix.en7@0123456789ab"]}, "there is no checkpoint"),
        ({"protocoll": "x"}, "There is no entry 'protocoll'"),
        ({"probe": SKETCH}, "not both"),
        ({"extractors": ["edgeface.xs512"]}, "weights of edgeface.xs512 are missing"),
    ],
)
def test_bad_input_is_told_in_words_and_queues_nothing(web, client_of, user, change, why):
    answer = client_of(user).post(URL, {**BODY, **change}, format="json")
    assert answer.status_code == 400
    import re

    assert re.search(why, answer.json()["detail"]), answer.json()
    assert not RecognitionTest.objects.exists() and not Job.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"extractors": [EXTRACTOR]},
        {"dataset": "web", "protocol": "x"},
        {"probe": SKETCH, "extractors": ["x"]},
    ],
)
def test_incomplete_requests_are_refused(web, client_of, user, body):
    assert client_of(user).post(URL, body, format="json").status_code == 400


def test_submitting_needs_a_sign_in(web, visitor):
    assert visitor.post(URL, BODY, format="json").status_code in (401, 403)
    assert not RecognitionTest.objects.exists()


def test_what_comes_from_a_private_dataset_is_not_there_for_visitors(done, visitor, client_of, stranger):
    detail = f"{URL}{done.pk}/"
    place = next(iter(done.curves.pictures))
    picture = f"/recognitions/{done.pk}/pictures/{place}"
    page = f"/recognitions/{done.pk}/"
    for address in (detail, page, picture, f"{page}values.csv"):
        assert Client().get(address).status_code == 200, address
    Dataset.objects.update(public=False)
    for address in (detail, page, picture, f"{page}values.csv"):
        assert Client().get(address).status_code == 404, address
    assert visitor.get(URL).json()["count"] == 0
    assert client_of(stranger).get(detail).status_code == 200


def test_a_picture_of_a_dataset_that_became_private_is_not_shown_though_the_test_is(done):
    """The test's columns are those of its submission; the picture is asked for by its own dataset."""
    other = web_dataset("elsewhere", public=False)
    place = next(iter(done.curves.pictures))
    done.curves.pictures[place]["image"] = other.images.first().pk
    done.curves.save()
    assert Client().get(f"/recognitions/{done.pk}/pictures/{place}").status_code == 404
    assert Client().get(f"/recognitions/{done.pk}/pictures/999999").status_code == 404


def test_only_the_owner_and_staff_cancel_and_delete(web, client_of, user, stranger, staff):
    answer = client_of(user).post(URL, BODY, format="json").json()
    url = answer["url"]
    assert client_of(stranger).post(f"{url}cancel/").status_code == 403
    assert client_of(stranger).delete(url).status_code == 403
    assert client_of(user).delete(url).status_code == 400  # still queued
    assert client_of(user).post(f"{url}cancel/").status_code == 200
    assert Job.objects.get().state == JobState.CANCELLED
    assert client_of(staff).delete(url).status_code == 204
    assert client_of(user).get(url).status_code == 404 == client_of(user).delete(url).status_code


def test_the_pages_show_numbers_curves_and_faces(done, user):
    client = Client()
    page = client.get(f"/recognitions/{done.pk}/").content.decode()
    for words in (
        "VR at FAR 0.1 %",
        "restricted",
        'data-chart="recognition-roc"',
        "all parts",
        done.protocol,
        "manage.py recognise",
    ):
        assert words in page, words
    assert page.count(f"/recognitions/{done.pk}/pictures/") >= 20
    assert 'data-chart="recognition-cmc"' not in page
    assert EXTRACTOR in client.get("/recognitions/").content.decode()
    table = client.get(f"/recognitions/{done.pk}/values.csv").content.decode().splitlines()
    assert table[0].startswith("test,recogniser,task") and len(table) == 1 + 4 * 4
    assert client.get("/recognitions/00000000-0000-0000-0000-000000000000/").status_code == 404


def test_an_empty_list_and_a_form_without_protocols_say_the_next_step(db, user):
    assert "No recogniser was tested yet" in Client().get("/recognitions/").content.decode()
    sketch_dataset()
    page = Client().get("/recognitions/new/").content.decode()
    assert "EvaluationProtocols" in page and "Sign in to submit" in page
    assert "Nothing to compare yet" in Client().get("/recognitions/compare/").content.decode()
    assert Client().get("/recognitions/compare/?protocol=abcdefabcdef").status_code == 404


def test_several_recognisers_from_the_form_stand_side_by_side(web, user, run_jobs, second):
    client = Client()
    client.force_login(user)
    page = client.get("/recognitions/new/").content.decode()
    assert "web:verification-restricted-view2" in page
    choice = {"what": "protocol", "protocol": "web:identification-c2p-view2", "extractor": [EXTRACTOR, second]}
    answer = client.post("/recognitions/new/", choice)
    assert answer.status_code == 302 and "/recognitions/compare/?protocol=" in answer["Location"]
    run_jobs()
    page = client.get(answer["Location"]).content.decode()
    assert page.count('class="is-best"') >= 1 and EXTRACTOR in page and second in page
    assert 'data-chart="recognition-cmc"' in page


@pytest.fixture
def beside(done, client_of, user, run_jobs, second):
    """A worse one's finished test of the same comparisons."""
    answer = client_of(user).post(URL, {**BODY, "extractors": [second]}, format="json")
    run_jobs()
    return RecognitionTest.objects.get(pk=answer.json()["id"])


def best_of(page):
    """Recogniser -> the measures in which a page of several shows it as the best."""
    return {test.extractor: {value.measure for value, best in cells if best} for test, cells in page.context["rows"]}


def test_a_rate_that_so_few_pairs_cannot_tell_is_marked_and_never_the_best(done, beside, second):
    best = best_of(Client().get(f"/recognitions/compare/?protocol={done.protocol}"))
    assert best == {EXTRACTOR: {"auc", "accuracy"}, second: {"accuracy"}}  # the same accuracy
    for address, rows in ((f"/recognitions/compare/?protocol={done.protocol}", 2), ("/recognitions/", 2)):
        text = Client().get(address).content.decode()
        assert text.count(f'<abbr title="{TOO_FEW}">*</abbr>') == 2 * rows and f"* {TOO_FEW}" in text, address
    done.values.filter(part="").update(details={"parts": 3})  # as tests were kept before the whole told
    assert best_of(Client().get(f"/recognitions/compare/?protocol={done.protocol}")) == best


def test_a_leaky_test_is_not_ranked_with_honest_ones(done, beside, second):
    address = f"/recognitions/compare/?protocol={done.protocol}"
    assert "Leaky ones stand last" not in Client().get(address).content.decode()
    RecognitionTest.objects.filter(pk=done.pk).update(label="leaky")
    page = Client().get(address)
    assert list(best_of(page).items()) == [(second, {"auc", "accuracy"}), (EXTRACTOR, set())]
    assert "Leaky ones stand last" in page.content.decode()
    leaky, honest = (Client().get(f"/recognitions/{test.pk}/").content.decode() for test in (done, beside))
    assert "not ranked with tests on unseen persons" in leaky and "may be ranked" not in leaky
    assert "may be ranked" in honest and "not ranked with" not in honest


def test_the_page_of_several_begins_with_the_newest_that_can_be_compared(done, beside, client_of, user, run_jobs):
    client_of(user).post(URL, {**BODY, "protocol": "verification-restricted-view1"}, format="json")
    run_jobs()  # newer, but alone
    page = Client().get("/recognitions/compare/")
    assert page.context["first"].protocol == done.protocol and len(page.context["rows"]) == 2
    assert "Nothing to compare yet" not in page.content.decode()


@pytest.mark.parametrize(
    ("choice", "why"),
    [
        ({"what": "protocol", "extractor": EXTRACTOR}, "Choose the protocol"),
        ({"what": "protocol", "protocol": "web:verification-restricted-view2", "extractor": ""}, "at least one recogniser"),
        ({"what": "sets", "probe_dataset": "web", "gallery_dataset": "web", "probe_split": "all", "gallery_split": "all",
          "probe_modality": "sketch", "extractor": EXTRACTOR}, "0 pictures"),
        ({"what": "protocol", "protocol": "web:verification-restricted-view2", "extractor": EXTRACTOR, "more": "x.y"}, "x.y"),
    ],
)  # fmt: skip
def test_a_form_that_cannot_be_measured_comes_back_with_the_reason(web, user, choice, why):
    client = Client()
    client.force_login(user)
    answer = client.post("/recognitions/new/", choice)
    assert answer.status_code == 400 and why in answer.content.decode()
    assert not RecognitionTest.objects.exists()


def test_a_visitor_is_asked_to_sign_in_and_comes_back_to_the_filled_form(web):
    choice = {"what": "protocol", "protocol": "web:verification-restricted-view2", "extractor": EXTRACTOR}
    answer = Client().post("/recognitions/new/", choice)
    assert answer.status_code == 302 and "verification-restricted-view2" in answer["Location"]


def test_the_command_measures_and_prints(db, capsys):
    sketch_dataset()
    arguments = ["--probe", "sketches:test:sketch", "--gallery", "sketches:test:photo", "--extractor", EXTRACTOR]
    assert call("recognise", *arguments, "--wait", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    values = {value["measure"]: value["value"] for value in told["values"] if not value["part"]}
    assert {"rank1", "rank10", "auc", "vr@0.01"} <= set(values) and told["label"] == "unseen"
    assert call("recognise", *arguments, "--wait") == 0
    assert "rank1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--extractor", EXTRACTOR], "Name --protocol, or both"),
        (["--protocol", "web", "--extractor", EXTRACTOR], "is not DATASET:PROTOCOL"),
        (["--protocol", "web:verification-restricted-view2"], "--extractor is missing"),
        (["--protocol", "web:x", "--probe", "a:test:photo", "--extractor", EXTRACTOR], "not both"),
        (["--protocol", "web:nothing", "--extractor", EXTRACTOR], "Known: identification-c2p-view2"),
    ],
)
def test_the_command_says_what_is_wrong(web, capsys, arguments, why):
    assert call("recognise", *arguments) == 2
    assert why in capsys.readouterr().err


def test_the_schema_names_every_endpoint(db):
    from drf_spectacular.generators import SchemaGenerator

    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    assert set(paths["/api/v1/recognitions/{test_id}/"]) >= {"get", "delete"}
    for path in (
        URL,
        CHOICES,
        "/api/v1/recognitions/{test_id}/cancel/",
        "/api/v1/recognitions/choices/{choice_id}/cancel/",
    ):
        assert "post" in paths[path], path


def test_the_form_and_a_test_of_sets_point_to_where_nlda_is_measured(user, run_jobs, client_of):
    sketch_dataset()
    client = Client()
    client.force_login(user)
    both = "reference_dataset=sketches&reference_split=test&reference_modality=sketch&candidate_kind=dataset"
    form = client.get("/recognitions/new/", {"what": "sets"})
    assert both in form.content.decode().replace("&amp;", "&")
    answer = client_of(user).post(URL, {"probe": SKETCH, "gallery": PHOTO, "extractors": [EXTRACTOR]}, format="json")
    run_jobs()
    page = client.get(f"/recognitions/{answer.json()['id']}/").content.decode().replace("&amp;", "&")
    assert both in page and "metrics=nlda" in page
    address = page.split('">Measure NLDA')[0].rpartition('href="')[2]
    chosen = client.get(address).context["form"]
    assert chosen.metrics == ["nlda"] and [side.count for side in chosen.sides] == [8, 8]


def test_nlda_asked_for_as_a_recogniser_is_answered_with_where_it_is(web, client_of, user):
    answer = client_of(user).post(URL, {**BODY, "extractors": ["nlda"]}, format="json")
    assert answer.status_code == 400 and "--metrics nlda" in answer.json()["detail"]


def test_confusions_are_told_as_the_recogniser_compares(done, user):
    from evaluation.selectors.recognitions import confusions_of

    first = confusions_of(done)["false_accepts"][0]
    assert first.score < 0 and first.score_text == f"distance {-first.score:.3f}"  # a Euclidean one
    done.protocol_detail["distance"] = ["cosine"]
    assert confusions_of(done)["false_accepts"][0].score_text == f"cosine {first.score:.3f}"
