"""Making, limiting, deleting and expiring sketches."""

import os
import time
from datetime import timedelta

import pytest
from django.utils import timezone
from PIL import Image

from stylized_face.models import Stylization
from stylized_face.selectors import stylization_get
from stylized_face.services import (
    LimitReached,
    stylization_create,
    stylization_delete,
    stylization_expire,
)
from tests.stylized_face.conftest import named
from workers.engine.errors import InputError
from workers.models import Job, JobState

pytestmark = pytest.mark.django_db


def test_it_stores_the_photo_and_queues_the_drawing(create):
    stylization = create(seed=7, strength=0.6, name="../me.jpg")
    assert stylization.job.queue == "interactive"
    assert stylization.job.state == JobState.QUEUED
    assert stylization.job.arguments == {"stylization": str(stylization.id)}
    assert stylization.job.link == f"/sketch/{stylization.id}/"
    assert not stylization.job.public
    assert (stylization.name, stylization.width, stylization.height) == ("me.jpg", 400, 500)
    with Image.open(stylization.file("photo")) as stored:
        assert (stored.format, stored.size, stored.info) == ("PNG", (400, 500), {})


def test_a_refused_photo_leaves_nothing_behind(own_data_folder):
    with pytest.raises(InputError):
        stylization_create(photo=named(b"no picture"), visitor="v")
    assert not Stylization.objects.exists() and not Job.objects.exists()
    assert not list(own_data_folder.glob("stylizations/*"))


def test_a_failing_database_leaves_no_files(create, own_data_folder, monkeypatch):
    def fail(**_):
        raise RuntimeError("no database")

    monkeypatch.setattr("stylized_face.services.creating.enqueue", fail)
    with pytest.raises(RuntimeError):
        create()
    assert not list(own_data_folder.glob("stylizations/*"))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"model": "pensil"}, "Known: pencil"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**31}, "seed"),
        ({"strength": 9.0}, "strength"),
        ({"strength": float("nan")}, "strength"),
    ],
)
def test_bad_options_are_refused_by_name(create, options, words):
    with pytest.raises(InputError, match=words):
        create(**options)


def test_visitors_have_an_hourly_limit_and_are_told_when_to_come_back(create, settings):
    settings.VISITOR_SKETCHES_PER_HOUR = 2
    first = create()
    create()
    Stylization.objects.filter(id=first.id).update(created=timezone.now() - timedelta(minutes=50))
    with pytest.raises(LimitReached, match=r"2 sketches an hour.*in 10 minutes.*Signed-in") as caught:
        create()
    assert 590 < caught.value.seconds <= 600
    create(visitor="somebody else")
    Stylization.objects.filter(id=first.id).update(created=timezone.now() - timedelta(minutes=61))
    create()


def test_deleting_does_not_reset_the_limit(create, settings):
    settings.VISITOR_SKETCHES_PER_HOUR = 1
    stylization_delete(stylization=create())
    stylization_expire()
    with pytest.raises(LimitReached):
        create()


def test_a_full_visitor_is_refused_before_the_photo_is_decoded(create, settings, monkeypatch):
    settings.VISITOR_SKETCHES_PER_HOUR = 1
    create()
    monkeypatch.setattr("stylized_face.services.creating.upload_photo", lambda _: pytest.fail("decoded"))
    with pytest.raises(LimitReached):
        create()


def test_users_have_a_limit_of_their_own(create, settings, user):
    settings.VISITOR_SKETCHES_PER_HOUR, settings.USER_SKETCHES_PER_HOUR = 1, 2
    create()
    create(owner=user)
    create(owner=user)
    with pytest.raises(LimitReached) as caught:
        create(owner=user)
    assert "Signed-in" not in str(caught.value)


def test_delete_removes_files_and_what_was_in_the_photo(create):
    stylization = create(name="me.jpg")
    folder = stylization.folder
    assert folder.is_dir()
    stylization_delete(stylization=stylization)
    assert not folder.exists()
    assert stylization_get(id=stylization.id) is None
    row = Stylization.objects.get(id=stylization.id)
    assert (row.name, row.face_box, row.eyes) == ("", None, None)
    row.job.refresh_from_db()
    assert (row.job.state, row.job.link) == (JobState.CANCELLED, "")


def test_expired_sketches_go_with_their_files(create, settings):
    settings.UPLOAD_RETENTION_HOURS = 24
    old, young = create(), create()
    assert old.expires_at - old.created == timedelta(hours=24)
    Stylization.objects.filter(id=old.id).update(
        created=timezone.now() - timedelta(hours=25), expires_at=timezone.now() - timedelta(seconds=1)
    )
    assert stylization_get(id=old.id) is None
    assert stylization_expire() == 1
    assert not old.folder.exists() and young.folder.exists()
    assert list(Stylization.objects.all()) == [young]
    assert Job.objects.get(id=old.job_id).state == JobState.CANCELLED
    assert stylization_expire() == 0


def test_folders_without_a_row_are_swept_when_they_are_old(create, own_data_folder):
    kept = create()
    stray, fresh = own_data_folder / "stylizations" / "stray", own_data_folder / "stylizations" / "fresh"
    stray.mkdir()
    fresh.mkdir()
    (stray / "sketch.png").write_bytes(b"x")
    past = time.time() - 3600
    os.utime(stray, (past, past))
    os.utime(kept.folder, (past, past))
    assert stylization_expire() == 1
    assert not stray.exists() and fresh.exists() and kept.folder.exists()


def test_expiring_an_empty_data_folder_is_no_accident():
    assert stylization_expire() == 0
