"""POST uploads/ and what becomes of an uploaded set."""

import io
import threading
import zipfile

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image as Picture

from evaluation import sets
from evaluation.models import Evaluation, UploadedSet, uploads_folder
from evaluation.services import uploads_expire
from evaluation.sets import UploadSpec
from tests.engine.drawing import blobs
from workers.engine.errors import InputError
from workers.engine.protocol import set_digest
from workers.models import Job, JobState

URL = "/api/v1/uploads/"

pytestmark = pytest.mark.django_db


def picture(seed, kind="PNG", **options):
    stream = io.BytesIO()
    Picture.fromarray(blobs(seed, **options)).save(stream, format=kind)
    return stream.getvalue()


def zipped(files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def a_zip(seeds=range(3), name="mine.zip", **more):
    return SimpleUploadedFile(name, zipped({f"set/{seed:03d}.png": picture(seed) for seed in seeds} | more))


def send(client, *files, **data):
    return client.post(URL, {"files": list(files), **data}, format="multipart")


def left():
    """Everything below uploads/ and what lies in the place where files come in."""
    below = sorted(uploads_folder().rglob("*")) if uploads_folder().is_dir() else []
    imports = uploads_folder().parent / "imports"
    return below + (sorted(imports.iterdir()) if imports.is_dir() else [])


@pytest.fixture
def client(user, client_of):
    return client_of(user)


def test_a_zip_becomes_a_set(client, user):
    answer = send(client, a_zip())
    assert answer.status_code == 201, answer.json()
    data = answer.json()
    uploaded = UploadedSet.objects.get()
    assert (data["id"], data["name"], data["n"], data["sizes"]) == (str(uploaded.id), "mine", 3, {"40x50": 3})
    assert (data["warnings"], data["refused"], uploaded.owner) == ([], [], user)
    assert answer["Location"] == data["url"] == f"http://testserver{URL}{uploaded.id}/"
    assert client.get(URL).json()["count"] == 1
    assert client.get(data["url"]).json() == data
    found = sets.contents(UploadSpec(data["id"]), "candidate", user=user)
    assert found.names == ("set/000.png", "set/001.png", "set/002.png")
    assert found.pair_keys == ("000", "001", "002")
    assert found.digest == data["digest"] == set_digest(path.stem for path in found.paths)
    for seed, path in enumerate(found.paths):
        assert np.array_equal(np.asarray(Picture.open(path)), blobs(seed))
    assert [path for path in left() if path.is_file()] == sorted(found.paths)  # nothing else stays


def test_several_pictures_become_a_set_with_the_given_name(client):
    files = [SimpleUploadedFile(f"{seed}.jpg", picture(seed, "JPEG", size=(40, 50 + seed))) for seed in range(3)]
    data = send(client, *files, name="  drawn\x07 today ").json()
    assert (data["name"], data["n"]) == ("drawn today", 3)
    assert [warning["code"] for warning in data["warnings"]] == ["mixed_sizes", "jpeg"]
    assert "3 pictures are JPEG" in data["warnings"][1]["text"]


def test_each_file_that_is_left_out_is_named_with_why(client):
    files = {"a.png": picture(1), "b.png": picture(2), "c.png": picture(3)[:200], "d.txt": b"notes", "e.gif": b"GIF89a"}
    data = send(client, SimpleUploadedFile("x.zip", zipped(files))).json()
    assert data["n"] == 2
    refused = {one["file"]: one["reason"] for one in data["refused"]}
    assert set(refused) == {"c.png", "d.txt", "e.gif"}
    assert "damaged" in refused["c.png"] and "not a picture" in refused["d.txt"] and "a GIF file" in refused["e.gif"]


def test_a_copy_weighs_double_and_that_is_said(client, user):
    files = {"a.png": picture(1), "b.png": picture(1), "c.png": picture(2)}
    data = send(client, SimpleUploadedFile("x.zip", zipped(files))).json()
    assert data["n"] == 3 and [warning["code"] for warning in data["warnings"]] == ["repeated"]
    assert len(sets.contents(UploadSpec(data["id"]), "candidate", user=user).paths) == 3


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([("x.zip", b"no zip at all")], "no zip archive, or it did not come in whole"),
        ([("x.zip", zipped({"../../x.png": picture(1), "y.png": picture(2)}))], "leads out of it"),
        ([("x.zip", zipped({"a.png": picture(1)}))], "1 can be used"),
        ([("x.zip", zipped({"a.png": picture(1), "b.png": b"nothing"}))], "b.png: The file is not a picture"),
        ([("x.zip", zipped({}))], "no files"),
        ([("a.png", picture(1))], "1 can be used"),
        ([("a.png", picture(1)), ("x.zip", zipped({"b.png": picture(2)}))], "zip archive is sent alone"),
        ([], "No file was sent"),
    ],
)
def test_what_is_no_set_is_refused_and_nothing_of_it_stays(files, said, client):
    answer = send(client, *[SimpleUploadedFile(name, content) for name, content in files])
    assert answer.status_code == 400
    assert said in answer.json()["detail"]
    assert answer["Content-Type"] == "application/problem+json"
    assert not UploadedSet.objects.exists()
    assert [path for path in left() if path.is_file()] == []
    assert [path for path in left() if path.name != "uploads"] == []


def test_a_truncated_zip_is_refused(client):
    whole = a_zip(range(6)).read()
    answer = send(client, SimpleUploadedFile("x.zip", whole[: len(whole) // 2]))
    assert (answer.status_code, left()) == (400, [])


def test_more_bytes_than_allowed_are_refused_while_they_come_in(client, settings):
    settings.EVALUATION_UPLOAD_MAX_BYTES = 2_000_000
    small = [SimpleUploadedFile(f"{n}.png", bytes(700_000)) for n in range(3)]  # each is allowed, together they are not
    answer = send(client, *small)
    assert answer.status_code == 413
    assert "larger than 0.00186 GiB together" in answer.json()["detail"]
    assert left() == []
    announced = client.post(URL, b"", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH=10_000_000)
    assert announced.status_code == 413


def test_too_many_pictures_are_refused(client, settings):
    settings.EVALUATION_UPLOAD_MAX_PICTURES = 3
    assert "More than 3 pictures in one set" in send(client, a_zip(range(4))).json()["detail"]
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    answer = send(client, *[SimpleUploadedFile(f"{n}.png", picture(n)) for n in range(3)])
    assert answer.status_code == 400 and "pack them as one zip" in answer.json()["detail"]
    assert [path for path in left() if path.is_file()] == []


def test_a_body_that_is_no_upload_is_refused(client):
    assert client.post(URL, {"files": "x"}, format="json").status_code == 400
    assert send(client, a_zip(), name="x" * 201).status_code == 400
    assert not UploadedSet.objects.exists()


def test_a_person_has_so_many_sets_at_most(client, monkeypatch):
    monkeypatch.setattr("evaluation.services.uploads.MOST_SETS", 1)
    assert send(client, a_zip()).status_code == 201
    answer = send(client, a_zip(range(5, 8)))
    assert answer.status_code == 400 and "delete one first" in answer.json()["detail"]


def test_the_same_pictures_sent_again_are_the_same_set(client, user):
    first = send(client, a_zip())
    UploadedSet.objects.update(expires=timezone.now())
    again = send(client, a_zip())
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    assert UploadedSet.objects.get().expires > timezone.now()
    assert send(client, a_zip(), name="other").status_code == 201
    assert send(client, a_zip(range(1, 4))).status_code == 201


def test_an_idempotency_key_gives_the_first_answer_again(user):
    from django.test import Client

    session = Client()
    session.force_login(user)
    bodies = [{"files": [a_zip()]}, {"files": [a_zip()]}]
    answers = [session.post(URL, body, headers={"Idempotency-Key": "k1"}) for body in bodies]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert answers[1]["Idempotent-Replayed"] == "true"


def test_others_and_visitors_have_nothing_of_it(client, stranger, client_of, visitor, dataset, body):
    data = send(client, a_zip()).json()
    assert visitor.post(URL, {}).status_code == visitor.get(URL).status_code == 401
    other = client_of(stranger)
    assert other.get(URL).json()["count"] == 0
    assert other.get(data["url"]).status_code == other.delete(data["url"]).status_code == 404
    refused = other.post("/api/v1/evaluations/", body | {"candidate": {"upload": data["id"]}}, format="json")
    assert refused.status_code == 400
    assert f"candidate: there is no uploaded set {data['id']} of yours" in refused.json()["detail"]


def test_an_unknown_one_is_404(client):
    assert client.get(f"{URL}00000000-0000-0000-0000-000000000000/").status_code == 404
    assert client.get(f"{URL}nonsense/").status_code == 404


def test_it_is_deleted_with_its_pictures(client):
    data = send(client, a_zip()).json()
    assert client.delete(data["url"]).status_code == 204
    assert client.get(data["url"]).status_code == client.delete(data["url"]).status_code == 404
    assert [path for path in left() if path.is_file()] == []


def test_it_stays_while_an_evaluation_needs_it(client, dataset, body):
    data = send(client, a_zip(range(8))).json()
    sent = body | {"candidate": {"upload": data["id"]}}
    assert client.post("/api/v1/evaluations/", sent, format="json").status_code == 202
    refused = client.delete(data["url"])
    assert refused.status_code == 409 and "cancel it first" in refused.json()["detail"]
    UploadedSet.objects.update(expires=timezone.now() - timezone.timedelta(hours=1))
    assert uploads_expire() == 0
    Job.objects.update(state=JobState.CANCELLED)
    assert uploads_expire() == 1
    assert not UploadedSet.objects.exists() and [path for path in left() if path.is_file()] == []


def test_using_a_set_keeps_it_for_as_long_again(client, dataset, body, settings):
    data = send(client, a_zip(range(8))).json()
    soon = timezone.now() + timezone.timedelta(minutes=1)
    UploadedSet.objects.update(expires=soon)
    client.post("/api/v1/evaluations/", body | {"candidate": {"upload": data["id"]}}, format="json")
    assert UploadedSet.objects.get().expires > soon + timezone.timedelta(hours=settings.UPLOAD_RETENTION_HOURS - 1)


def test_expiry_takes_what_is_over_and_what_nobody_owns(client, tmp_path):
    import os

    send(client, a_zip())
    for name, age in (("abandoned", 7200), ("coming in", 60)):
        folder = uploads_folder() / f".{name}.part"
        folder.mkdir()
        os.utime(folder, (timezone.now().timestamp() - age,) * 2)
    assert uploads_expire() == 1
    assert {path.name for path in uploads_folder().iterdir()} == {".coming in.part", str(UploadedSet.objects.get().id)}
    UploadedSet.objects.update(expires=timezone.now() - timezone.timedelta(seconds=1))
    assert uploads_expire() == 1
    assert not UploadedSet.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_uploaded_set_is_measured(client, dataset, body, run_jobs, visitor):
    data = send(client, a_zip(range(8)), name="my sketches").json()
    answer = client.post("/api/v1/evaluations/", body | {"candidate": {"upload": data["id"]}}, format="json")
    assert answer.status_code == 202
    (job,) = run_jobs()
    assert job.state == JobState.SUCCEEDED, job.message
    evaluation = Evaluation.objects.get()
    assert (evaluation.candidate_label, evaluation.n_candidate) == ("upload:my sketches", 8)
    assert evaluation.results.get().candidate_digest == data["digest"]
    assert visitor.get(answer["Location"]).status_code == 404
    page = client.get(answer["Location"]).json()
    again = client.post("/api/v1/evaluations/", body | {"candidate": page["candidate"]}, format="json")
    assert (again.status_code, again.json()["id"]) == (200, page["id"])


def test_a_set_that_expired_meanwhile_fails_with_a_sentence(user):
    with pytest.raises(InputError, match=r"may have expired\. Send the pictures again"):
        sets.contents(UploadSpec("00000000-0000-0000-0000-000000000000"), "candidate", everything=True)


@pytest.mark.django_db(transaction=True)
def test_two_uploads_at_once_are_both_whole(user, client_of):
    answers = []

    def one(seeds):
        from django.db import connection

        answers.append(send(client_of(user), a_zip(seeds)))
        connection.close()

    threads = [threading.Thread(target=one, args=(range(n, n + 3),)) for n in (0, 10, 20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    for uploaded in UploadedSet.objects.all():
        assert len(list(uploaded.folder.iterdir())) == 3
