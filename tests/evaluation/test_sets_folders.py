"""A folder of the server as a set: only below the allowed roots, whatever paths and links say."""

import pytest

from evaluation import sets
from evaluation.models import Evaluation
from evaluation.sets import FolderSet, folder_suggestions
from tests.engine.drawing import folder_of_blobs
from workers.engine.errors import InputError

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(tmp_path, settings):
    """An allowed folder with two sets in it, and one beside it that is not allowed."""
    settings.FOLDER_ROOTS = [tmp_path / "allowed", tmp_path / "second"]
    folder_of_blobs(tmp_path / "allowed" / "mine", range(4))
    folder_of_blobs(tmp_path / "allowed" / "deep" / "er", range(10, 13))
    folder_of_blobs(tmp_path / "outside", range(20, 24))
    return tmp_path / "allowed"


def found(folder, user):
    return sets.contents(FolderSet(str(folder)), "candidate", user=user)


def test_an_allowed_folder_is_found_by_its_path_and_by_its_name(root, user):
    for given in (root / "mine", "mine", "deep/../mine", f" {root}/mine/ "):
        contents = found(given, user)
        assert (contents.spec, len(contents.paths)) == (FolderSet(str(root / "mine")), 4)
    assert found(root, user).names[0] == "deep/er/010.png"


@pytest.mark.parametrize(
    "given", ["../outside", "{tmp}/outside", "/etc", "mine/../../outside", "/", "..", " ", "none", "~"]
)
def test_what_lies_outside_is_not_said_to_exist(given, root, user, tmp_path):
    with pytest.raises(InputError) as refused:
        found(given.format(tmp=tmp_path), user)
    assert str(refused.value).startswith("candidate: there is no folder ")
    assert "manage.py evaluate on the server" in str(refused.value)


def test_a_link_is_followed_before_it_is_judged(root, user, tmp_path):
    (root / "door").symlink_to(tmp_path / "outside")
    (root / "inner").symlink_to(root / "mine")
    with pytest.raises(InputError, match="there is no folder 'door'"):
        found("door", user)
    assert found("inner", user).spec == FolderSet(str(root / "mine"))


def test_a_picture_that_is_a_link_out_of_the_folder_is_refused(root, user, tmp_path):
    (root / "mine" / "zz.png").symlink_to(tmp_path / "outside" / "020.png")
    with pytest.raises(InputError, match=r"zz\.png is a link that leads out of the folder"):
        found("mine", user)


def test_visitors_measure_no_folder(root):
    with pytest.raises(InputError, match="sign in to measure a folder"):
        found(root / "mine", None)


def test_very_many_pictures_are_for_the_command_line(root, user, monkeypatch):
    monkeypatch.setattr("evaluation.sets.folders.MOST_PICTURES", 3)
    with pytest.raises(InputError, match="holds 4 pictures; over the network at most 3"):
        found("mine", user)
    assert len(sets.contents(FolderSet(str(root / "mine")), "candidate", everything=True).paths) == 4


def test_folders_with_pictures_are_suggested(root, user, client_of, visitor):
    (root / "empty").mkdir()
    folder_of_blobs(root / ".hidden", range(3))
    (root / "loop").symlink_to(root)
    assert [(one.folder, one.pictures) for one in folder_suggestions()] == [
        (str(root / "deep" / "er"), 3),
        (str(root / "mine"), 4),
    ]
    assert client_of(user).get("/api/v1/folders/").json()[1] == {"folder": str(root / "mine"), "pictures": 4}
    assert visitor.get("/api/v1/folders/").status_code == 401


def test_looking_for_suggestions_ends(root, monkeypatch):
    monkeypatch.setattr("evaluation.sets.folders.MOST_ENTRIES", 3)
    assert len(folder_suggestions()) <= 1


def test_a_folder_is_measured_over_rest(root, dataset, user, client_of, visitor, body):
    client = client_of(user)
    sent = body | {"candidate": {"folder": "mine"}}
    answer = client.post("/api/v1/evaluations/", sent, format="json")
    assert answer.status_code == 202
    assert Evaluation.objects.get().candidate == {"folder": str(root / "mine")}
    assert visitor.get(answer["Location"]).status_code == 404
    again = client.post("/api/v1/evaluations/", body | {"candidate": {"folder": str(root / "mine")}}, format="json")
    assert again.status_code == 200
    refused = client.post("/api/v1/evaluations/", body | {"candidate": {"folder": "/etc"}}, format="json")
    assert refused.status_code == 400
    assert "candidate: there is no folder '/etc'" in refused.json()["detail"]


def test_the_roots_are_read_from_the_environment_and_are_those_for_importing_when_none_is_named(tmp_path):
    from django.core.exceptions import ImproperlyConfigured

    from mysite.env import Environment

    def read(value):
        return Environment({"FOLDER_ROOTS": value}).folders("FOLDER_ROOTS", tmp_path)

    assert read("") == [tmp_path]
    assert read(f"{tmp_path}/a, {tmp_path}/b") == [tmp_path / "a", tmp_path / "b"]
    (tmp_path / "file").write_text("")
    with pytest.raises(ImproperlyConfigured, match="FOLDER_ROOTS"):
        read(f"{tmp_path}, {tmp_path}/file")
