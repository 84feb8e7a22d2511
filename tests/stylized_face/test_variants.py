"""The same face in several versions, and the way from one to another, by page and REST."""

import uuid

import pytest
from rest_framework.test import APIClient

from evaluation.services import checkpoint_update, training_submit, training_wish
from stylized_face.models import Stylization
from stylized_face.offered import TRAINED
from stylized_face.services import LimitReached, stylizations_variants
from tests.evaluation.training_fixtures import pair_dataset
from workers.engine.errors import InputError
from workers.models import JobState

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/api/v1/stylizations/"


@pytest.fixture
def vae(user, run_jobs):
    """The id of an offered model whose network has codes."""
    wish = training_wish(
        user=user, preset="vae.tiny", dataset=pair_dataset(public=False).slug, options={"epochs": 1, "samples": 0}
    )
    run = training_submit(user=user, wish=wish)[0]
    (job,) = run_jobs()
    assert job.state == JobState.SUCCEEDED, job.message
    checkpoint = run.checkpoints.get()
    checkpoint_update(checkpoint=checkpoint, published=True)
    return f"{TRAINED}{checkpoint.id}"


def url(stylization) -> str:
    return f"{LIST}{stylization.id}/variants/"


def sketches(rows):
    return [row.file("sketch").read_bytes() for row in rows]


def test_the_next_seeds_join_the_sketch_that_is_there(api, create, here, run_jobs):
    first = create(visitor=here, seed=3, model="lines")
    answer = api.post(url(first), {"count": 3}, format="json")
    assert answer.status_code == 202
    body = answer.json()
    assert [(one["seed"], one["model"], one["to_seed"]) for one in body["stylizations"]] == [
        (3, "lines", None), (4, "lines", None), (5, "lines", None), (6, "lines", None),
    ]  # fmt: skip
    run_jobs("interactive")
    rows = list(Stylization.objects.filter(together=body["together"]))
    assert {row.job.state for row in rows} == {JobState.SUCCEEDED}
    assert len(set(sketches(rows))) == 4, "each differs"


def test_of_one_that_belongs_to_others_a_group_of_its_own_is_drawn(create):
    first = create()
    group, made = stylizations_variants(stylization=first, count=2, visitor="v")
    first.refresh_from_db()
    assert first.together == group and [one.seed for one in made] == [1, 2]
    again, more = stylizations_variants(stylization=first, count=2, visitor="v")
    assert again != group and [one.seed for one in more] == [0, 1]


def test_the_way_to_another_seed_holds_both_ends(api, create, here, vae, run_jobs):
    first = create(visitor=here, model=vae, seed=1)
    body = api.post(url(first), {"to_seed": 2, "count": 3}, format="json").json()
    assert [(one["seed"], one["to_seed"], one["mix"]) for one in body["stylizations"]] == [
        (1, 2, 0.0), (1, 2, 0.5), (1, 2, 1.0),
    ]  # fmt: skip
    other = create(visitor=here, model=vae, seed=2)
    run_jobs("interactive")
    start, middle, end = sketches(Stylization.objects.filter(together=body["together"]).order_by("created"))
    assert start == sketches([first])[0] and end == sketches([other])[0]
    assert middle not in (start, end)


def test_one_drawing_between_two_seeds_can_be_asked_for_alone(api, sent, portrait, vae, run_jobs):
    fields = {"photo": sent(portrait), "model": vae, "seed": "1", "to_seed": "2", "mix": "0.25"}
    body = api.post(LIST, fields, format="multipart").json()
    assert (body["seed"], body["to_seed"], body["mix"]) == (1, 2, 0.25)
    run_jobs("interactive")
    row = Stylization.objects.get(id=body["id"])
    page = api.get(f"/sketch/{row.id}/").content.decode()
    assert "1 → 2 (25 %)" in page
    assert "-F to_seed=2 -F mix=0.25" in page and "--to-seed 2 --mix 0.25" in page, "the very same request"
    redrawn = api.post(f"{LIST}{row.id}/redraw/", {"mix": 0.75}, format="json").json()
    assert (redrawn["to_seed"], redrawn["mix"]) == (2, 0.75), "what is not given stays"
    redrawn = api.post(f"{LIST}{row.id}/redraw/", {"seed": 9}, format="json").json()
    assert (redrawn["seed"], redrawn["to_seed"], redrawn["mix"]) == (9, None, 0.0), "another seed leaves the way"


@pytest.mark.parametrize(
    ("model", "fields", "words"),
    [
        ("pencil", {"count": 1}, "greater than or equal to 2"),
        ("pencil", {"count": 17}, "less than or equal to 16"),
        ("pencil", {"count": "many"}, "valid integer"),
        ("pencil", {"to_seed": 2}, "between two seeds"),
        ("pencil", {"to_seed": -1}, "greater than or equal to 0"),
        ("shelf", {}, "always alike"),
    ],
)
def test_what_cannot_be_is_a_sentence_and_draws_nothing(api, create, here, on_shelf, model, fields, words):
    first = create(visitor=here, model=on_shelf if model == "shelf" else model)
    answer = api.post(url(first), fields, format="json")
    assert answer.status_code == 400 and words in answer.content.decode(), answer.content
    assert Stylization.objects.count() == 1


def test_there_is_no_way_from_a_seed_to_itself(create, vae):
    with pytest.raises(InputError, match="the same"):
        stylizations_variants(stylization=create(model=vae, seed=4), to_seed=4, visitor="v")


@pytest.mark.parametrize("fields", [{"to_seed": "2"}, {"mix": "0.5"}, {"mix": "2"}])
def test_sending_a_photo_refuses_a_way_where_there_is_none(api, sent, portrait, fields):
    answer = api.post(LIST, {"photo": sent(portrait), "model": "pencil", **fields}, format="multipart")
    assert answer.status_code == 400 and not Stylization.objects.exists()


def test_only_who_made_it_may_and_only_of_what_is_there(api, create, here):
    stranger = APIClient(REMOTE_ADDR="192.0.2.9")
    assert stranger.post(url(create(visitor=here)), {}, format="json").status_code == 403
    assert api.post(f"{LIST}{uuid.uuid4()}/variants/", {}, format="json").status_code == 404


def test_the_hourly_limit_holds_for_all_of_them_or_none(api, create, here, settings):
    settings.VISITOR_SKETCHES_PER_HOUR = 6
    first = create(visitor=here)
    create(visitor=here)
    answer = api.post(url(first), {"count": 5}, format="json")
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) > 0
    assert Stylization.objects.count() == 2
    with pytest.raises(LimitReached):
        stylizations_variants(stylization=first, count=5, visitor=here)
    assert api.post(url(first), {"count": 4}, format="json").status_code == 202


def test_of_two_presses_at_once_each_gets_a_group_and_the_sketch_belongs_to_one(create):
    first = create()
    stale = Stylization.objects.get(id=first.id)
    groups = [stylizations_variants(stylization=one, count=2, visitor="v")[0] for one in (first, stale)]
    first.refresh_from_db()
    assert len(set(groups)) == 2 and first.together == groups[0]
    assert Stylization.objects.filter(together=groups[0]).count() == 3
    assert Stylization.objects.filter(together=groups[1]).count() == 2


def test_the_page_draws_eight_versions_in_one_click_and_tells_them_apart(client, sent, portrait, run_jobs):
    client.post("/sketch/", {"photo": sent(portrait), "model": "lines"})
    run_jobs("interactive")
    first = Stylization.objects.get()
    assert "Eight other versions" in client.get(f"/sketch/{first.id}/").content.decode()
    answer = client.post(f"/sketch/{first.id}/redraw/", {"variants": "1"})
    first.refresh_from_db()
    assert answer.status_code == 302 and answer.url == f"/sketch/together/{first.together}/"
    run_jobs("interactive")
    page = client.get(answer.url).content.decode()
    assert "9 of 9 sketches are ready" in page
    assert all(f"seed {number}</span>" in page for number in range(9))


def test_the_page_of_a_network_with_codes_offers_the_mean_other_drawings_and_ways(
    client, sent, portrait, vae, run_jobs
):
    client.post("/sketch/", {"photo": sent(portrait), "model": vae, "seed": "3"})
    run_jobs("interactive")
    first = Stylization.objects.get()
    page = client.get(f"/sketch/{first.id}/").content.decode()
    assert 'name="seed" value="0"' in page and 'name="seed" value="4"' in page and 'name="to_seed" value="5"' in page
    assert "knows neither" not in page
    answer = client.post(f"/sketch/{first.id}/redraw/", {"to_seed": "5"})
    run_jobs("interactive")
    page = client.get(answer.url).content.decode()
    assert (
        "8 of 8 sketches are ready" in page
        and "seed 3 → 5, 14\N{NO-BREAK SPACE}%" in page
        and "5, 100\N{NO-BREAK SPACE}%" in page
    )


def test_the_page_says_why_a_model_has_no_versions(client, sent, portrait, on_shelf, run_jobs):
    client.post("/sketch/", {"photo": sent(portrait), "model": on_shelf})
    run_jobs("interactive")
    first = Stylization.objects.get()
    assert "Eight other versions" not in client.get(f"/sketch/{first.id}/").content.decode()
    answer = client.post(f"/sketch/{first.id}/redraw/", {"variants": "1"})
    assert answer.status_code == 400 and "always alike" in answer.content.decode()
    assert Stylization.objects.count() == 1
