"""/sketch/<uuid>/adjust/: which face is meant, and where it is; and drawing a stored photo anew."""

import uuid

import pytest
from django.test import Client
from PIL import Image

from stylized_face.models import Stylization
from stylized_face.services import LimitReached, stylization_delete, stylization_redraw
from workers.engine.errors import InputError
from workers.models import JobState

pytestmark = pytest.mark.django_db
FIVE = [[150.0, 250.0], [250.0, 250.0], [200.0, 318.0], [160.0, 361.0], [240.0, 361.0]]


def form_of(points):
    return {
        f"{axis}{n}": str(value) for n, point in enumerate(points, 1) for axis, value in zip("xy", point, strict=True)
    }


@pytest.fixture
def group(client, sent, two_portraits, run_jobs):
    """Two faces of one size, sent by the test's client; the job has ended in a question."""
    client.post("/sketch/", {"photo": sent(two_portraits), "model": "lines"})
    run_jobs("interactive")
    return Stylization.objects.select_related("job").get()


def test_a_group_photo_becomes_a_question_and_each_face_can_be_drawn(client, group, run_jobs):
    assert (group.job.state, group.question, len(group.found)) == (JobState.FAILED, "which", 2)
    page = client.get(f"/sketch/{group.id}/adjust/").content.decode()
    assert "Which face?" in page and "Draw face 2 of 2" in page and "Draw all 2 faces" in page
    assert 'href="?face=1"' in page and "style=" not in page and "onclick" not in page
    answer = client.post(f"/sketch/{group.id}/adjust/", {"face": "1"})
    drawn = Stylization.objects.exclude(id=group.id).get()
    assert (answer.status_code, answer.url) == (302, f"/sketch/{drawn.id}/")
    assert (drawn.face_index, drawn.model, drawn.points) == (1, "lines", None)
    (job,) = run_jobs("interactive")
    drawn.refresh_from_db()
    assert job.state == JobState.SUCCEEDED
    assert drawn.face_box == pytest.approx(group.found[1]["box"], abs=0.1)


def test_all_faces_are_drawn_together(client, group, run_jobs):
    answer = client.post(f"/sketch/{group.id}/adjust/", {"all": "1"})
    rows = list(Stylization.objects.exclude(id=group.id).order_by("face_index"))
    assert [row.face_index for row in rows] == [0, 1]
    assert answer.url == f"/sketch/together/{rows[0].together}/" and rows[0].together == rows[1].together
    assert [job.state for job in run_jobs("interactive")] == [JobState.SUCCEEDED] * 2


def test_points_that_were_moved_are_drawn_from_and_those_that_were_not_choose_the_face(client, group):
    url = f"/sketch/{group.id}/adjust/"
    client.post(url, {"shown": "1", **form_of(group.found[1]["points"])})
    same = Stylization.objects.exclude(id=group.id).get()
    assert (same.face_index, same.points) == (1, None)
    client.post(url, {"shown": "1", **form_of(FIVE)})
    moved = Stylization.objects.exclude(id__in=[group.id, same.id]).get()
    assert (moved.face_index, moved.points) == (None, FIVE)


def test_the_page_shows_the_face_that_was_asked_for(client, group):
    for face in (0, 1):
        answer = client.get(f"/sketch/{group.id}/adjust/?face={face}")
        x, y = group.found[face]["points"][0]
        assert (
            f'name="x1" value="{x:g}"' in answer.content.decode()
            and f'name="y1" value="{y:g}"' in answer.content.decode()
        )
    for nonsense in ("7", "-1", "x", "", "9" * 40, "\0", "١"):
        assert client.get(f"/sketch/{group.id}/adjust/", {"face": nonsense}).status_code == 200


def test_without_a_face_the_points_start_in_the_middle_and_can_be_sent(client, sent, run_jobs):
    client.post("/sketch/", {"photo": sent(Image.new("RGB", (400, 500), (150, 150, 150)), "PNG")})
    run_jobs("interactive")
    row = Stylization.objects.select_related("job").get()
    assert row.question == "where"
    page = client.get(f"/sketch/{row.id}/adjust/").content.decode()
    assert "Show where the face is" in page and 'name="x1" value="150"' in page
    client.post(f"/sketch/{row.id}/adjust/", form_of(FIVE))
    (job,) = run_jobs("interactive")
    assert job.state == JobState.SUCCEEDED, job.message
    drawn = Stylization.objects.select_related("job").exclude(id=row.id).get()
    assert drawn.points == FIVE and drawn.question == ""
    assert 'name="y4" value="361"' in client.get(f"/sketch/{drawn.id}/adjust/").content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"x1": "abc"}, "is not a number"),
        ({"x1": ""}, "is not a number"),
        ({"x1": "nan"}, "outside the photo"),
        ({"y5": "9999"}, "outside the photo"),
        ({"x1": "245"}, "pixels apart"),
        ({"face": "9"}, "no such face"),
        ({"all": "1"}, "No face that is large enough"),
    ],
)
def test_what_cannot_be_drawn_is_said_and_what_was_typed_stays(client, sent, portrait, change, words):
    client.post("/sketch/", {"photo": sent(portrait)})
    row = Stylization.objects.get()
    answer = client.post(f"/sketch/{row.id}/adjust/", {**form_of(FIVE), "x3": "203.5", **change})
    page = answer.content.decode()
    assert answer.status_code == 400 and words in page
    assert 'name="x3" value="203.5"' in page
    assert Stylization.objects.count() == 1


def test_a_comma_is_a_decimal_point_to_many(client, sent, portrait):
    client.post("/sketch/", {"photo": sent(portrait)})
    row = Stylization.objects.get()
    client.post(f"/sketch/{row.id}/adjust/", {**form_of(FIVE), "x1": " 151,5 "})
    assert Stylization.objects.exclude(id=row.id).get().points[0] == [151.5, 250.0]


def test_only_its_maker_may_adjust_it_and_only_while_it_is_there(client, create):
    foreign = create(visitor="somebody else")
    for method in (client.get, client.post):
        assert method(f"/sketch/{foreign.id}/adjust/").status_code == 403
        assert method(f"/sketch/{uuid.uuid4()}/adjust/").status_code == 404
    assert client.put(f"/sketch/{foreign.id}/adjust/").status_code in (403, 405)
    stylization_delete(stylization=foreign)
    assert client.get(f"/sketch/{foreign.id}/adjust/").status_code == 404


def test_a_form_without_csrf_token_is_refused(create):
    client = Client(enforce_csrf_checks=True)
    assert client.post(f"/sketch/{create().id}/adjust/", {"all": "1"}).status_code == 403
    assert Stylization.objects.count() == 1


def test_adjusting_counts_for_the_limit(client, sent, portrait, settings):
    settings.VISITOR_SKETCHES_PER_HOUR = 1
    client.post("/sketch/", {"photo": sent(portrait)})
    row = Stylization.objects.get()
    answer = client.post(f"/sketch/{row.id}/adjust/", form_of(FIVE))
    assert answer.status_code == 429 and answer.headers["Retry-After"]
    assert Stylization.objects.count() == 1


# --- drawing anew -----------------------------------------------------------------------------------------------------
def test_a_redraw_keeps_what_is_not_changed_and_lives_no_longer_than_the_first(create):
    first = create(seed=4, strength=0.6, points=FIVE)
    second = stylization_redraw(first, model="lines", visitor="v")
    assert (second.model, second.seed, second.strength, second.points) == ("lines", 4, 0.6, FIVE)
    assert second.id != first.id and second.job_id != first.job_id
    assert second.expires_at == first.expires_at
    assert second.file("photo").read_bytes() == first.file("photo").read_bytes()
    assert stylization_redraw(first, face_index=0, visitor="v").points is None


def test_deleting_one_leaves_the_photo_of_the_other(create):
    first = create()
    second = stylization_redraw(first, seed=2, visitor="v")
    stylization_delete(stylization=first)
    assert not first.folder.exists() and second.file("photo").is_file()
    with pytest.raises(InputError, match="was deleted"):
        stylization_redraw(first, visitor="v")


def test_a_photo_is_copied_where_the_disk_knows_no_links(create, monkeypatch):
    def refuse(*_):
        raise PermissionError("no links here")

    monkeypatch.setattr("os.link", refuse)
    first = create()
    assert stylization_redraw(first, visitor="v").file("photo").read_bytes() == first.file("photo").read_bytes()


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"model": "pensil"}, InputError), ({"seed": -1}, InputError), ({"strength": 9.0}, InputError),
        ({"points": [[1, 1]] * 5}, InputError), ({"face_index": 99}, InputError), ({"face_index": -1}, InputError),
    ],
)  # fmt: skip
def test_a_redraw_that_cannot_be_leaves_nothing(create, own_data_folder, options, error):
    first = create()
    with pytest.raises(error):
        stylization_redraw(first, visitor="v", **options)
    assert Stylization.objects.count() == 1 and len(list(own_data_folder.glob("stylizations/*"))) == 1


def test_a_face_that_was_not_found_cannot_be_chosen(group):
    with pytest.raises(InputError, match="no face 2; 2 faces were found"):
        stylization_redraw(group, face_index=2, visitor="v")


def test_redrawing_counts_for_the_limit(create, settings):
    settings.VISITOR_SKETCHES_PER_HOUR = 2
    first = create()
    stylization_redraw(first, seed=1, visitor="v")
    with pytest.raises(LimitReached):
        stylization_redraw(first, seed=2, visitor="v")


def test_deleting_forgets_points_and_faces(create):
    row = create(points=FIVE)
    Stylization.objects.filter(id=row.id).update(found=[{"box": [1, 2, 3, 4], "points": FIVE}], quality={"x": 1})
    stylization_delete(stylization=row)
    row.refresh_from_db()
    assert (row.points, row.found, row.quality, row.transform, row.together) == (None, None, None, None, None)
