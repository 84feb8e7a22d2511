"""/sketch/<id>/ once the sketch is there: ways to look at it, its quality in words, downloads, drawing it again."""

import io
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from stylized_face.models import Stylization
from stylized_face.selectors import stylization_get
from workers.models import Job

pytestmark = pytest.mark.django_db

REPORT = {
    "face": {"score": 1.9, "width": 140, "eye_distance": 44.0, "photo": [400, 500], "faces": 1},
    "alignment": {"tilt": -3.0, "scale": 2.2, "off": 7.0},
    "pose": {"yaw": 4.0, "pitch": 1.0},
    "light": {"darkest": 30.0, "median": 120.0, "lightest": 210.0, "blown": 0.0},
    "sharpness": 0.15,
    "identity": {"network": "edgeface.xs512", "measure": "cosine", "value": 0.61},
    "warnings": [{"code": "small_face", "value": 44.0, "limit": 50}],
}


@pytest.fixture
def mine(client, sent, portrait, run_jobs):
    """A finished sketch of this client's browser."""
    answer = client.post("/sketch/", {"photo": sent(portrait), "model": "pencil", "seed": "4", "strength": "1.5"})
    run_jobs("interactive")
    return stylization_get(id=Stylization.objects.get().id) if answer.status_code == 302 else None


def body(answer) -> str:
    return answer.content.decode()


def test_the_three_ways_to_compare_are_addresses(client, mine):
    for view in ("slider", "side", "toggle"):
        page = body(client.get(f"/sketch/{mine.id}/?view={view}"))
        assert f'data-view="{view}"' in page
        assert re.findall(r'data-view-link="(\w+)" aria-current', page) == [view]
    assert 'data-view="slider"' in body(client.get(f"/sketch/{mine.id}/?view=nonsense"))


def test_the_way_to_compare_is_kept_while_the_sketch_is_drawn(client, create):
    assert f"/sketch/{(one := create()).id}/live/?view=side" in body(client.get(f"/sketch/{one.id}/?view=side"))


def test_the_quality_report_is_told_in_words_before_numbers(client, mine):
    Stylization.objects.filter(id=mine.id).update(quality=REPORT)
    page = body(client.get(f"/sketch/{mine.id}/"))
    assert "1 thing about this photo could be better" in page
    assert "its eyes are only 44 pixels apart" in page
    assert "EdgeFace-XS takes the sketch for the person in the photo" in page
    assert page.index("44 pixels apart") < page.index("edgeface.xs512") < page.index("75 test pairs")


def test_a_report_that_is_still_to_come_is_asked_for_and_then_no_more(client, mine):
    Stylization.objects.filter(id=mine.id).update(quality=None)
    Job.objects.filter(id=mine.job_id).update(finished=timezone.now())
    url = f"/sketch/{mine.id}/quality/"
    assert f'hx-get="{url}"' in body(client.get(f"/sketch/{mine.id}/"))
    waiting = client.get(url)
    assert waiting.status_code == 200 and "hx-trigger" in body(waiting)
    Stylization.objects.filter(id=mine.id).update(quality=REPORT)
    there = client.get(url)
    assert there.status_code == 286 and "hx-trigger" not in body(there) and "44 pixels" in body(there)
    Stylization.objects.filter(id=mine.id).update(quality=None)
    Job.objects.filter(id=mine.job_id).update(finished=timezone.now() - timedelta(minutes=2))
    never = client.get(url)
    assert never.status_code == 286 and "There is no quality report" in body(never)


def test_the_sketch_comes_at_the_scale_of_the_photo(client, mine):
    Stylization.objects.filter(id=mine.id).update(transform=[0.5, 0.0, 0.0, 0.0])
    assert "800×1000" in body(client.get(f"/sketch/{mine.id}/"))
    answer = client.get(f"/sketch/{mine.id}/made/large.png?download")
    assert Image.open(io.BytesIO(answer.content)).size == (800, 1000)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    Stylization.objects.filter(id=mine.id).update(transform=[0.01, 0.0, 0.0, 0.0])
    assert max(Image.open(io.BytesIO(client.get(f"/sketch/{mine.id}/made/large.png").content)).size) == 2500
    Stylization.objects.filter(id=mine.id).update(transform=None)
    assert client.get(f"/sketch/{mine.id}/made/large.png").status_code == 404


def test_photo_and_sketch_come_side_by_side(client, mine):
    with Image.open(io.BytesIO(client.get(f"/sketch/{mine.id}/made/pair.png").content)) as pair:
        assert pair.size == (808, 500)
        with Image.open(mine.file("aligned")) as aligned, Image.open(mine.file("sketch")) as sketch:
            assert pair.getpixel((200, 250)) == aligned.getpixel((200, 250))
            assert pair.convert("L").getpixel((608, 250)) == sketch.convert("L").getpixel((200, 250))


def test_nothing_is_made_before_the_sketch_is_there(client, create):
    stylization = create()
    for name in ("large", "pair", "small"):
        assert client.get(f"/sketch/{stylization.id}/made/{name}.png").status_code == 404


def test_one_click_draws_by_another_model(client, mine, run_jobs):
    assert 'name="model" value="lines"' in body(client.get(f"/sketch/{mine.id}/"))
    answer = client.post(f"/sketch/{mine.id}/redraw/", {"model": "lines"})
    new = Stylization.objects.exclude(id=mine.id).get()
    assert (answer.status_code, answer.url) == (302, f"/sketch/{new.id}/")
    assert (new.model, new.seed, new.strength, new.name) == ("lines", 4, 1.5, mine.name)
    run_jobs("interactive")
    page = body(client.get(answer.url))
    assert "data-slider" in page and 'name="model" value="pencil"' in page


def test_strength_and_strokes_are_offered_only_by_a_model_that_knows_them(client, mine):
    page = body(client.get(f"/sketch/{mine.id}/"))
    assert re.findall(r'name="strength" value="([\d.]+)"', page) == ["0.6", "1.0"]
    assert 'name="seed" value="5"' in page
    Stylization.objects.filter(id=mine.id).update(model="checkpoint:0123456789abcdef")
    page = body(client.get(f"/sketch/{mine.id}/"))
    assert 'name="strength"' not in page and 'name="seed"' not in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"model": "pensil"}, "pensil"),
        ({"seed": "-1"}, "greater than or equal to 0"),
        ({"strength": "nan"}, "Enter a number"),
    ],
)
def test_what_cannot_be_drawn_again_is_said_on_the_page(client, mine, fields, words):
    answer = client.post(f"/sketch/{mine.id}/redraw/", fields)
    assert answer.status_code == 400 and words in body(answer) and "data-slider" in body(answer)
    assert Stylization.objects.count() == 1


def test_drawing_again_counts_for_the_limit(client, mine, settings):
    settings.VISITOR_SKETCHES_PER_HOUR = 1
    answer = client.post(f"/sketch/{mine.id}/redraw/", {"model": "lines"})
    assert answer.status_code == 429 and answer.headers["Retry-After"]
    assert "Come back in" in body(answer)
    assert Stylization.objects.count() == 1


def test_only_its_maker_draws_it_again(mine):
    stranger = Client(REMOTE_ADDR="192.0.2.9")
    page = body(stranger.get(f"/sketch/{mine.id}/"))
    assert "data-slider" in page and "redraw/" not in page
    assert stranger.post(f"/sketch/{mine.id}/redraw/", {"model": "lines"}).status_code == 403
    assert Stylization.objects.count() == 1


def test_all_models_at_once_lead_to_one_page(client, mine, run_jobs):
    answer = client.post(f"/sketch/{mine.id}/redraw/", {"all_models": "1"})
    mine.refresh_from_db()
    assert answer.url == f"/sketch/together/{mine.together}/"
    rows = Stylization.objects.filter(together=mine.together)
    models = [one.id for one in _offered()]
    assert sorted(rows.values_list("model", flat=True)) == sorted(models) and len(models) >= 2
    run_jobs("interactive")
    assert f"{len(models)} of {len(models)} sketches are ready" in body(client.get(answer.url))
    again = client.post(f"/sketch/{mine.id}/redraw/", {"all_models": "1"})
    assert again.url == answer.url and rows.count() == len(models)


def test_all_models_that_do_not_fit_into_the_hour_make_none(client, mine, settings):
    settings.VISITOR_SKETCHES_PER_HOUR = len(_offered()) - 1
    answer = client.post(f"/sketch/{mine.id}/redraw/", {"all_models": "1"})
    assert answer.status_code in (400, 429)
    assert Stylization.objects.count() == 1
    assert Stylization.objects.get().together is None
    assert [folder.name for folder in mine.folder.parent.iterdir()] == [str(mine.id)]


def test_an_address_whose_sketch_is_gone_says_so_and_what_next(client, mine):
    client.post(f"/sketch/{mine.id}/delete/")
    answer = client.get(f"/sketch/{mine.id}/")
    assert answer.status_code == 404
    assert "There is no sketch at this address" in body(answer) and 'href="/sketch/"' in body(answer)
    assert client.get(f"/sketch/{mine.id}/live/").headers["HX-Refresh"] == "true"


def test_a_question_is_asked_of_its_maker_alone(client, sent, two_portraits, run_jobs):
    answer = client.post("/sketch/", {"photo": sent(two_portraits)})
    run_jobs("interactive")
    page = body(client.get(answer.url))
    assert "Which face is to be drawn?" in page and f'href="{answer.url}adjust/"' in page
    other = body(Client(REMOTE_ADDR="192.0.2.9").get(answer.url))
    assert "This photo could not be drawn" in other and "adjust/" not in other


def test_a_stopped_drawing_is_drawn_again_in_one_click(client, sent, portrait, run_jobs):
    answer = client.post("/sketch/", {"photo": sent(portrait)})
    client.post(f"{answer.url}cancel/")
    assert f'action="{answer.url}redraw/"' in body(client.get(answer.url))
    new = client.post(f"{answer.url}redraw/")
    run_jobs("interactive")
    assert "data-slider" in body(client.get(new.url))


def _offered():
    from stylized_face.offered import models_available

    return [model for model in models_available() if model.takes == "photo"]
