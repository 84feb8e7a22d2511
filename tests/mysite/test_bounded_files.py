"""A page that asks for no file does not let itself be used to fill the disk, or to use up the process's open files."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

pytestmark = pytest.mark.django_db
SIGN_IN = "/account/sign-in/"


def files(number: int, size: int) -> dict:
    fields = {"username": "x", "password": "y"}
    return fields | {f"file{n}": SimpleUploadedFile(f"{n}.jpg", bytes(size)) for n in range(number)}


@pytest.fixture
def temporary(settings, tmp_path, monkeypatch):
    """Every file of a request goes to the disk, where one can see it."""
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 0
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    return tmp_path


def test_as_many_files_as_are_taken_do_no_harm(client, settings, temporary):
    settings.REQUEST_MAX_FILES = 4
    assert client.post(SIGN_IN, files(4, 100)).status_code == 200
    assert list(temporary.iterdir()) == []


def test_more_files_than_are_taken_are_a_bad_request(settings, temporary):
    settings.REQUEST_MAX_FILES = 4
    for checked in (False, True):  # with the check, the form is read there
        browser = Client(enforce_csrf_checks=checked)
        browser.get(SIGN_IN)  # for the cookie, without which nothing is read
        assert browser.post(SIGN_IN, files(5, 100)).status_code == 400
    assert list(temporary.iterdir()) == []


def test_files_that_are_too_large_together_are_dropped_as_they_come(client, settings, temporary, monkeypatch):
    from django.core.files.uploadhandler import TemporaryFileUploadHandler

    written = []
    receive = TemporaryFileUploadHandler.receive_data_chunk
    monkeypatch.setattr(
        TemporaryFileUploadHandler,
        "receive_data_chunk",
        lambda self, data, start: written.append(len(data)) or receive(self, data, start),
    )
    settings.REQUEST_FILES_MAX_BYTES = 250_000
    assert client.post(SIGN_IN, files(6, 100_000)).status_code == 200
    assert 0 < sum(written) <= 250_000
    assert list(temporary.iterdir()) == []
