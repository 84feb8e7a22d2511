"""Choosing each side of an evaluation on the page, and sending a set in from there."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from datasetviewer.models import Image
from datasetviewer.services import image_set_create
from evaluation.models import Evaluation, UploadedSet
from tests.engine.drawing import folder_of_blobs
from tests.evaluation.checkpoints import make_checkpoint
from tests.evaluation.conftest import EXTRACTOR
from tests.evaluation.test_uploads_api import a_zip, left, picture

NEW = "/evaluations/new/"
COUNTS = "/evaluations/new/counts/"
UPLOADS = "/evaluations/uploads/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def choice():
    return {
        "reference_kind": "dataset", "reference_dataset": "faces", "reference_split": "test",
        "reference_modality": "sketch", "extractor": EXTRACTOR, "metrics": "fid",
    }  # fmt: skip


@pytest.fixture
def candidates(dataset, user, settings, tmp_path, client):
    """One set of each kind, by kind: what stands in the address, the label, and how many pictures."""
    client.force_login(user)
    settings.FOLDER_ROOTS = [tmp_path / "allowed"]
    folder_of_blobs(tmp_path / "allowed" / "mine", range(40, 45))
    checkpoint = make_checkpoint(dataset)
    images = Image.objects.filter(dataset=dataset, modality="photo")
    image_set_create(dataset=dataset, images=images, name="Twelve", owner=user)
    client.post(f"{UPLOADS}new/", {"files": a_zip(range(50, 57), name="seven.zip")})
    uploaded = UploadedSet.objects.get()
    return {
        "checkpoint": (
            {"checkpoint": checkpoint.id, "dataset": "faces", "split": "all"},
            f"checkpoint:{checkpoint.id}@faces:all",
            12,
        ),
        "image_set": ({"image_set": "twelve"}, "set:twelve", 12),
        "upload": ({"upload": str(uploaded.id)}, "upload:seven", 7),
        "folder": ({"folder": str(tmp_path / "allowed" / "mine")}, str(tmp_path / "allowed" / "mine"), 5),
    }


def text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.mark.parametrize("kind", ["checkpoint", "image_set", "upload", "folder"])
def test_each_kind_is_counted_kept_in_the_address_and_submitted(kind, candidates, choice, client):
    parts, label, n = candidates[kind]
    sent = choice | {"candidate_kind": kind} | {f"candidate_{part}": value for part, value in parts.items()}
    counted = client.get(COUNTS, sent)
    assert f"{label} {n} pictures" in text(counted)
    address = counted["HX-Replace-Url"]
    assert f"candidate_kind={kind}" in address and "candidate_modality" not in address
    page = client.get(address).content.decode()
    assert re.search(rf'name="candidate_kind"[^>]*value="{kind}"[^>]*checked', page)
    assert f"<code>{label}</code>" in page
    assert client.post(NEW, sent).status_code == 302
    evaluation = Evaluation.objects.get()
    assert (evaluation.candidate_label, evaluation.n_candidate) == (label, n)
    detail = client.get(f"/evaluations/{evaluation.id}/").content.decode()
    again = re.search(r'href="(/evaluations/new/[^"]+)"', detail).group(1).replace("&amp;", "&")
    assert f"{label} {n} pictures" in text(client.get(again))


def test_a_link_needs_not_name_the_kind(candidates, client):
    checkpoint = candidates["checkpoint"][0]["checkpoint"]
    shown = text(client.get(NEW, {"candidate_checkpoint": checkpoint, "candidate_split": "test"}))
    assert f"checkpoint:{checkpoint}@faces:test 12 pictures" in shown


def test_the_lists_offer_what_there_is(candidates, client):
    page = client.get(NEW).content.decode()
    for parts, *_rest in candidates.values():
        assert f'value="{next(iter(parts.values()))}"' in page
    assert "photo → sketch" in page


def test_visitors_are_offered_nothing_private(candidates, private_dataset, client):
    secret = make_checkpoint(private_dataset)
    client.logout()
    page = client.get(NEW, {"candidate_kind": "folder"}).content.decode()
    assert secret.id not in page and "allowed" not in page and "seven" not in page
    assert "Sign in to measure a folder of the server" in page
    assert 'id="upload"' not in page


@pytest.mark.parametrize("kind", ["checkpoint", "image_set", "upload", "folder", "nonsense"])
def test_the_form_survives_nonsense_of_every_kind(kind, dataset, user, client, choice):
    client.force_login(user)
    for value in ("", "nonsense", "<script>alert(1)</script>", "\x00", "../.."):
        sent = choice | {"candidate_kind": kind, f"candidate_{kind}": value}
        for address in (NEW, COUNTS):
            response = client.get(address, sent)
            assert response.status_code == 200
            assert "<script>alert" not in response.content.decode()
        assert client.post(NEW, sent).status_code in (302, 400)


def test_cautions_of_the_sets_are_told_before_anything_is_sent(dataset, user, client, choice):
    client.force_login(user)
    checkpoint = make_checkpoint(dataset, split="all")
    sent = choice | {"candidate_checkpoint": checkpoint.id, "candidate_dataset": "faces", "candidate_split": "test"}
    assert "pictures that the checkpoint was trained on" in text(client.get(COUNTS, sent))


def test_pictures_sent_from_the_form_come_back_as_the_chosen_set(dataset, user, client):
    client.force_login(user)
    state = "?reference_dataset=faces&reference_split=train&reference_modality=sketch&metrics=kid"
    sent = {"files": a_zip(range(4)), "name": "mine", "side": "candidate", "state": state}
    response = client.post(f"{UPLOADS}new/", sent, follow=True)
    assert "mine: 4 pictures are kept" in text(response)
    assert "upload:mine 4 pictures" in text(response)
    assert "faces:train:sketch 10 pictures" in text(response)
    (address, status), *_rest = response.redirect_chain
    assert status == 302 and address.startswith(NEW) and "metrics=kid" in address


def test_the_state_leads_nowhere_else(user, client):
    client.force_login(user)
    sent = {"files": a_zip(range(4)), "side": "reference", "state": "https://evil.example/?x=1"}
    assert client.post(f"{UPLOADS}new/", sent).url.startswith(NEW)


def test_what_was_left_out_is_said_and_listed(user, client):
    client.force_login(user)
    sent = a_zip(range(3), **{"notes.txt": b"hello"})
    shown = text(client.post(f"{UPLOADS}new/", {"files": sent}, follow=True))
    assert "1 files were left out" in shown
    assert "notes.txt The file is not a picture" in shown or "notes.txt is not a picture" in shown
    assert "Kept until" in shown


@pytest.mark.parametrize(
    ("files", "status", "said"),
    [
        ([SimpleUploadedFile("x.zip", b"broken")], 400, "no zip archive"),
        ([SimpleUploadedFile("x.png", picture(1))], 400, "a set needs at least 2"),
        ([], 400, "No file was sent"),
    ],
)
def test_a_bad_upload_says_why_on_the_page(files, status, said, user, client):
    client.force_login(user)
    response = client.post(f"{UPLOADS}new/", {"files": files, "state": "?metrics=kid", "side": "candidate"})
    assert response.status_code == status and said in text(response)
    assert not UploadedSet.objects.exists() and [path for path in left() if path.is_file()] == []


def test_too_large_uploads_are_refused_on_the_page(user, client, settings):
    client.force_login(user)
    settings.EVALUATION_UPLOAD_MAX_BYTES = 1000
    response = client.post(f"{UPLOADS}new/", {"files": a_zip(range(30))})
    assert response.status_code == 413 and "larger than" in text(response)


def test_the_page_of_uploads_is_ones_own(user, stranger, client):
    client.force_login(user)
    assert "Nothing uploaded" in text(client.get(UPLOADS))
    client.post(f"{UPLOADS}new/", {"files": a_zip()})
    uploaded = UploadedSet.objects.get()
    client.force_login(stranger)
    assert "Nothing uploaded" in text(client.get(UPLOADS))
    assert client.post(f"{UPLOADS}{uploaded.id}/delete/").status_code == 404
    client.force_login(user)
    assert f"upload:{uploaded.id}" in text(client.get(UPLOADS))
    assert "the set is deleted" in text(client.post(f"{UPLOADS}{uploaded.id}/delete/", follow=True)).lower()
    assert not UploadedSet.objects.exists()
    client.logout()
    assert client.get(UPLOADS).status_code == client.post(f"{UPLOADS}new/", {}).status_code == 302


def test_an_upload_needs_the_forms_token(user):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    assert strict.post(f"{UPLOADS}new/", {"files": a_zip()}).status_code == 403
    assert not UploadedSet.objects.exists()


def test_no_inline_script_or_style_is_written(candidates, client):
    for address in (NEW, UPLOADS):
        page = client.get(address).content.decode()
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=", page)
        assert not re.search(r"<script(?![^>]*\bsrc=)", page)


def test_the_form_needs_few_queries(candidates, client, django_assert_max_num_queries):
    for _ in range(3):
        make_checkpoint(Image.objects.first().dataset)
    with django_assert_max_num_queries(26):
        client.get(NEW)
