"""Pages and REST of alignment and filter: works, bad input, wrong person, missing."""

import pytest
from django.urls import reverse

from datasetviewer.models import AlignmentRun, Dataset, DetectionRun, FilterRun, Image, ImageDecision
from datasetviewer.services.aligning import pictures_align
from datasetviewer.services.alignment import alignment_prepare
from datasetviewer.services.filtering import dataset_judge, filter_store
from datasetviewer.services.landmarks import landmarks_found
from datasetviewer.services.verdicts import images_decide
from workers.engine.alignment import template_data
from workers.engine.geometry import TEMPLATES

from .marking import FIVE, marked_dataset

SATNET = TEMPLATES["satnet"]


@pytest.fixture
def dataset(db, user) -> Dataset:
    return marked_dataset(user)


@pytest.fixture
def image(dataset) -> Image:
    return Image.objects.get(dataset=dataset, key="photos/a.png")


def page(name: str, *args) -> str:
    return reverse(f"datasetviewer:{name}", args=args)


def api(name: str, *args) -> str:
    return reverse(f"datasetviewer_api:{name}", args=args)


def filtered(dataset, r=0.05) -> FilterRun:
    run = FilterRun.objects.create(dataset=dataset, template=template_data(SATNET), r=r)
    filter_store(run=run, filtered=dataset_judge(run=run))
    return run


def as_form(five, **more) -> dict:
    return {f"{axis}{n}": point[i] for n, point in enumerate(five, 1) for i, axis in enumerate("xy")} | more


PAGES = ("dataset-align", "dataset-filter")


# --- who sees and does what -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", PAGES)
def test_pages_of_a_hidden_dataset_are_not_there_for_visitors(client, dataset, name):
    assert client.get(page(name, "faces")).status_code == 404
    assert client.get(page(name, "nothing")).status_code == 404


def test_the_editor_of_a_hidden_dataset_is_not_there_for_visitors(client, image):
    assert client.get(page("image-landmarks", "faces", image.pk)).status_code == 404
    assert client.get(page("image-landmarks", "faces", 999_999)).status_code == 404
    assert client.get(api("image-landmarks", image.pk)).status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_everybody_signed_in_looks_but_only_the_owner_gets_buttons(client, dataset, user, stranger, name):
    client.force_login(stranger)
    seen = client.get(page(name, "faces"))
    assert seen.status_code == 200
    assert "detect/" not in seen.text
    client.force_login(user)
    assert client.get(page(name, "faces")).status_code == 200


@pytest.mark.parametrize("name", ["dataset-detect", "dataset-decide"])
def test_changing_somebody_elses_pictures_is_refused(client, dataset, stranger, name):
    client.force_login(stranger)
    assert client.post(page(name, "faces"), {"keys": "photos/a.png", "decision": "exclude"}).status_code == 403
    assert not ImageDecision.objects.exists()
    assert not DetectionRun.objects.exists()


def test_a_visitor_of_a_public_dataset_looks_but_changes_nothing(client, user, db):
    dataset = marked_dataset(user, public=True)
    image = Image.objects.filter(dataset=dataset).first()
    for name in PAGES:
        assert client.get(page(name, "faces")).status_code == 200
    assert client.get(page("image-landmarks", "faces", image.pk)).status_code == 200
    assert client.post(page("image-landmarks", "faces", image.pk), as_form(FIVE)).status_code == 403
    assert client.post(page("dataset-align", "faces"), {"template": "satnet", "padding": "edge"}).status_code == 403
    assert client.post(page("dataset-filter", "faces"), {"template": "satnet", "r": 0.1}).status_code == 403
    assert client.post(page("dataset-detect", "faces")).status_code == 302  # to the sign-in page
    assert client.put(api("image-landmarks", image.pk), {"five": FIVE}, "application/json").status_code == 401
    assert client.post(api("dataset-alignments", "faces"), {}, "application/json").status_code == 401


# --- aligning ---------------------------------------------------------------------------------------------------------
def test_the_align_page_counts_landmarks_and_draws_each_template(client, dataset, user):
    client.force_login(user)
    seen = client.get(page("dataset-align", "faces"), {"template": "cufs"}).text
    assert seen.count('class="crop-frame"') == 6
    assert "Find the face in 1 picture" in seen
    assert "align_dataset faces --template cufs" in seen
    assert client.get(page("dataset-align", "faces"), {"template": "<x>"}).status_code == 200


def test_the_align_page_queues_once_and_shows_the_job(client, dataset, user):
    client.force_login(user)
    form = {"template": "satnet", "padding": "edge", "r": "", "slug": "", "own": ""}
    first = client.post(page("dataset-align", "faces"), form, follow=True)
    assert "The alignment was queued." in first.text
    assert "faces-satnet" in first.text
    again = client.post(page("dataset-align", "faces"), form, follow=True)
    assert "already queued or running" in again.text
    assert AlignmentRun.objects.count() == 1


@pytest.mark.parametrize(
    "change, text",
    [
        ({"template": "round"}, "Select a valid choice"),
        ({"template": "own", "own": "{"}, "not valid JSON"),
        ({"padding": "blue"}, "Select a valid choice"),
        ({"r": "9"}, "less than or equal to 1"),
        ({"r": "0.1", "template": "cufs"}, "fixes only"),
        ({"slug": "Bad Name"}, "short name"),
    ],
)
def test_the_align_page_says_what_is_wrong(client, dataset, user, change, text):
    client.force_login(user)
    form = {"template": "satnet", "padding": "edge"} | change
    answer = client.post(page("dataset-align", "faces"), form)
    assert answer.status_code == 400
    assert text in answer.text
    assert Dataset.objects.count() == 1


def test_the_align_page_of_an_aligned_dataset_points_to_its_parent(client, dataset, user):
    derived, _new = alignment_prepare(parent=dataset, template=SATNET, owner=user)
    pictures_align(dataset=derived)
    client.force_login(user)
    seen = client.get(page("dataset-align", "faces-satnet")).text
    assert "Align faces instead" in seen
    answer = client.post(page("dataset-align", "faces-satnet"), {"template": "cufs", "padding": "edge"})
    assert (answer.status_code, "Align faces instead" in answer.text) == (400, True)


def test_pictures_without_a_face_are_listed_with_the_way_to_mark_them(client, dataset, user):
    image = Image.objects.get(key="photos/d.png")
    landmarks_found(found={}, failed={image.pk: "No face was found. Mark the five points by hand."})
    client.force_login(user)
    seen = client.get(page("dataset-align", "faces")).text
    assert page("image-landmarks", "faces", image.pk) in seen
    assert "1 picture without a face found" in seen


def test_rest_aligns_detects_and_lists(client, dataset, user):
    client.force_login(user)
    made = client.post(api("dataset-alignments", "faces"), {"template": "satnet", "r": 0.1}, "application/json")
    assert made.status_code == 202
    assert (made.json()["dataset"], made.json()["state"], made.json()["recipe"]["r"]) == ("faces-satnet", "queued", 0.1)
    again = client.post(api("dataset-alignments", "faces"), {"template": "satnet", "r": 0.1}, "application/json")
    assert (again.status_code, again.json()["job"]) == (200, made.json()["job"])
    assert [run["dataset"] for run in client.get(api("dataset-alignments", "faces")).json()] == ["faces-satnet"]
    own = template_data(SATNET) | {"name": "mine"}
    assert client.post(api("dataset-alignments", "faces"), {"template": own}, "application/json").status_code == 202
    assert client.post(api("dataset-detections", "faces"), {}, "application/json").status_code == 202
    assert client.get(api("dataset-detections", "faces")).json()["results"][0]["state"] == "queued"


@pytest.mark.parametrize(
    "body", [{"template": "round"}, {"template": {"name": "x"}}, {"padding": "blue"}, {"r": "much"}, {"croop": 1}]
)
def test_rest_refuses_a_bad_alignment(client, dataset, user, body):
    client.force_login(user)
    answer = client.post(api("dataset-alignments", "faces"), body, "application/json")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert Dataset.objects.count() == 1


# --- filter -----------------------------------------------------------------------------------------------------------
def test_the_filter_page_before_and_after_a_run(client, dataset, user):
    client.force_login(user)
    assert "Not filtered yet" in client.get(page("dataset-filter", "faces")).text
    filtered(dataset)
    seen = client.get(page("dataset-filter", "faces")).text
    assert "What is kept" in seen
    assert "left mouth corner and nose tip stand in the wrong order" in seen
    assert seen.count('class="crop-wrong-line"') == 1
    assert "kept only from r = 0.0" in seen
    only = client.get(page("dataset-filter", "faces"), {"reason": "too_far"}).text
    assert "photos/b.png" in only
    assert "photos/c.png" not in only


def test_an_unknown_reason_is_said_and_ignored(client, dataset, user):
    client.force_login(user)
    filtered(dataset)
    seen = client.get(page("dataset-filter", "faces"), {"reason": "ugly"})
    assert (seen.status_code, "no reason" in seen.text) == (200, True)


def test_the_filter_page_queues_a_run(client, dataset, user):
    client.force_login(user)
    done = client.post(page("dataset-filter", "faces"), {"template": "satnet", "r": "0.1"}, follow=True)
    assert "The filter was queued." in done.text
    assert FilterRun.objects.get().job.state == "queued"
    other = client.post(page("dataset-filter", "faces"), {"template": "satnet", "r": "0.2"})
    assert (other.status_code, "Another filter" in other.text) == (400, True)


@pytest.mark.parametrize(
    "form", [{"template": "cufs", "r": "0.1"}, {"template": "satnet", "r": "0"}, {"template": "satnet"}, {}]
)
def test_the_filter_page_refuses_bad_input(client, dataset, user, form):
    client.force_login(user)
    assert client.post(page("dataset-filter", "faces"), form).status_code == 400
    assert not FilterRun.objects.exists()


def test_excluding_including_and_undoing_on_the_page(client, dataset, user):
    filtered(dataset)
    client.force_login(user)
    back = page("dataset-filter", "faces") + "?reason=side_face"
    form = {"keys": "photos/c.png", "decision": "include", "note": "profile wanted", "back": back}
    done = client.post(page("dataset-decide", "faces"), form)
    assert done.url == back
    decision = ImageDecision.objects.get()
    assert "profile wanted" in client.get(page("dataset-filter", "faces")).text
    table = client.get(page("decisions-csv", "faces")).text.splitlines()
    assert table[1].startswith("photos/c.png,include,profile wanted,")
    client.post(page("decision-undo", "faces", decision.pk))
    assert Image.objects.get(key="photos/c.png").verdict_reason == "side_face"
    assert client.post(page("decision-undo", "faces", 999_999)).status_code == 404


def test_a_decision_never_leads_to_another_site(client, dataset, user):
    client.force_login(user)
    form = {"keys": "photos/c.png", "decision": "exclude", "back": "https://example.org/datasets/"}
    assert client.post(page("dataset-decide", "faces"), form).url == page("dataset-filter", "faces")


def test_a_note_cannot_become_a_formula_in_a_spreadsheet(client, dataset, user):
    images_decide(dataset=dataset, keys=["photos/a.png"], decision="exclude", note="=1+1", user=user)
    client.force_login(user)
    assert ",'=1+1," in client.get(page("decisions-csv", "faces")).text


def test_rest_filters_decides_and_undoes(client, dataset, user):
    client.force_login(user)
    made = client.post(api("dataset-filters", "faces"), {"r": 0.05}, "application/json")
    assert (made.status_code, made.json()["template"]["name"]) == (202, "satnet")
    filtered(dataset)
    newest = client.get(api("dataset-filters", "faces")).json()["results"][0]
    assert newest["report"]["table"][0]["kept"] == 5
    body = {"keys": ["photos/a.png", "photos/b.png"], "decision": "exclude", "note": "twins"}
    assert client.post(api("dataset-decisions", "faces"), body, "application/json").json() == {"decided": 2}
    listed = client.get(api("dataset-decisions", "faces")).json()["results"]
    assert {row["key"] for row in listed} == {"photos/a.png", "photos/b.png"}
    assert client.delete(api("dataset-decision", "faces", listed[0]["id"])).status_code == 204
    assert len(client.get(api("dataset-decisions", "faces")).json()["results"]) == 1
    bad = {"keys": ["nothing.png"], "decision": "exclude"}
    assert client.post(api("dataset-decisions", "faces"), bad, "application/json").status_code == 400
    assert client.post(api("dataset-filters", "faces"), {"r": 7}, "application/json").status_code == 400
    assert client.get(api("dataset-filters", "nothing")).status_code == 404


def test_the_filter_page_asks_a_constant_number_of_queries(client, dataset, user, django_assert_max_num_queries):
    filtered(dataset)
    client.force_login(user)
    with django_assert_max_num_queries(22):
        client.get(page("dataset-filter", "faces"))


def test_what_was_made_from_a_hidden_dataset_cannot_be_published_and_goes_with_its_parent(client, dataset, user):
    derived, _new = alignment_prepare(parent=dataset, template=SATNET, owner=user)
    pictures_align(dataset=derived)
    client.force_login(user)
    refused = client.post(page("dataset-publish", "faces-satnet"), {"public": "1"}, follow=True)
    assert "which is not public" in refused.text
    for slug in ("faces", "faces-satnet"):
        client.post(page("dataset-publish", slug), {"public": "1"})
    assert set(Dataset.objects.values_list("public", flat=True)) == {True}
    client.post(page("dataset-publish", "faces"), {"public": "0"})
    assert set(Dataset.objects.values_list("public", flat=True)) == {False}


def test_the_pages_of_a_dataset_lead_to_these(client, dataset, user):
    derived, _new = alignment_prepare(parent=dataset, template=SATNET, owner=user)
    pictures_align(dataset=derived)
    client.force_login(user)
    seen = client.get(page("dataset-detail", "faces-satnet")).text
    assert page("dataset-filter", "faces-satnet") in seen
    assert "aligned to the template satnet, padding edge" in seen
    image = derived.images.first()
    seen = client.get(page("image-detail", "faces-satnet", image.pk)).text
    assert page("image-landmarks", "faces-satnet", image.pk) in seen
