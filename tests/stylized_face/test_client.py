"""The snippets of the result page and the client to download, run as they stand against a live server."""

import json
import subprocess
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from PIL import Image

from stylized_face.models import Stylization
from stylized_face.offered import models_available
from workers.tasks import run_next

pytestmark = pytest.mark.django_db(transaction=True)

CLIENT = Path(__file__).resolve().parents[2] / "stylized_face/static/stylized_face/client.py"


@pytest.fixture
def server(live_server, worker, monkeypatch):
    """A live server that draws what is sent before it answers."""

    def draw(queue: str) -> bool:
        while run_next(queue, worker) is not None:
            pass
        return True

    monkeypatch.setattr("workers.queue.poke", draw)
    return live_server


@pytest.fixture
def photos(tmp_path, portrait) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("me.jpg", "it's $(me).jpg"):
        portrait.save(folder / name)
    Image.new("RGB", (200, 200)).save(folder / "nobody.jpg")
    return folder


def client(server, folder: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess:
    done = subprocess.run(
        [sys.executable, "-I", str(CLIENT), "--server", server.url, *arguments],
        cwd=folder, capture_output=True, text=True, timeout=250,
    )  # fmt: skip
    assert not check or done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def snippets(server, photo: Path, **fields: str) -> dict[str, str]:
    """What the result page shows after the photo was sent with these options."""
    import django.test

    browser = django.test.Client()
    host = server.url.removeprefix("http://")
    with photo.open("rb") as stream:
        answer = browser.post("/sketch/", {"photo": stream, **fields}, headers={"Host": host})
    context = browser.get(answer.url, headers={"Host": host}).context
    return {name: context[name] for name in ("curl", "python", "client")}


def same_sketch(path: Path) -> bool:
    """Whether the file is the drawing that the page shows."""
    first = Stylization.objects.order_by("created").first()
    with Image.open(path) as one, Image.open(first.file("sketch")) as other:
        return one.tobytes() == other.tobytes()


def test_the_python_snippet_makes_the_very_same_sketch(server, photos, monkeypatch):
    shown = snippets(server, photos / "it's $(me).jpg", model="pencil", seed="7", strength="1.5")["python"]
    monkeypatch.chdir(photos)
    # httpx has the calls and answers of `requests`, but gives up after five seconds.
    patient = SimpleNamespace(post=partial(httpx.post, timeout=None), get=partial(httpx.get, timeout=None))
    monkeypatch.setitem(sys.modules, "requests", patient)
    exec(compile(shown, "snippet", "exec"), {})
    assert same_sketch(photos / "sketch.png")
    assert list(Stylization.objects.values_list("model", "seed", "strength")) == [("pencil", 7, 1.5)] * 2


def test_the_curl_snippet_sends_the_very_same_request(server, photos):
    shown = snippets(server, photos / "it's $(me).jpg", model="pencil", seed="7", strength="0.6")["curl"]
    done = subprocess.run(
        ["bash", "-c", shown.replace("curl ", "curl -sS ", 1)], cwd=photos, capture_output=True, text=True, timeout=120
    )
    body = json.loads(done.stdout)
    assert (body["model"], body["seed"], body["strength"]) == ("pencil", 7, 0.6)
    row = Stylization.objects.get(id=body["id"])
    assert row.name == "it's $(me).jpg" and same_sketch(row.file("sketch"))


def test_the_client_snippet_is_downloaded_and_makes_the_very_same_sketch(server, photos):
    shown = snippets(server, photos / "it's $(me).jpg", model="pencil", seed="7", strength="1.5")["client"]
    script = f'set -e; python() {{ {sys.executable} -I "$@"; }}; {shown.replace("curl ", "curl -sSf ", 1)}'
    done = subprocess.run(["bash", "-c", script], cwd=photos, capture_output=True, text=True, timeout=250)
    assert done.returncode == 0, done.stderr
    assert (photos / "client.py").read_bytes() == CLIENT.read_bytes()
    assert same_sketch(photos / "sketch.png")


def test_snippets_carry_the_points_and_the_face_that_were_chosen(rf):
    from stylized_face.snippets import client_snippet, curl_snippet, request_fields

    by_hand = Stylization(model="lines", seed=1, strength=1.0, points=[[1.5, 2], [3, 4], [5, 6], [7, 8], [9, 10]])
    assert json.loads(request_fields(by_hand)["points"]) == by_hand.points
    assert "points=[[1.5, 2]" in curl_snippet(rf.get("/"), by_hand, "me.jpg")
    chosen = Stylization(model="lines", seed=1, strength=1.0, face_index=2)
    assert "-F face=2" in curl_snippet(rf.get("/"), chosen, "me.jpg")
    assert "--face 2" in client_snippet(rf.get("/"), chosen, "me.jpg")


def test_several_photos_are_drawn_into_a_folder_and_a_bad_one_is_told(server, photos):
    done = client(
        server, photos, "-o", "out", "--model", "pencil", "me.jpg", "nobody.jpg", "it's $(me).jpg", check=False
    )
    assert done.returncode == 1
    assert "nobody.jpg: No face was found" in done.stderr
    assert sorted(path.name for path in (photos / "out").iterdir()) == ["it's $(me)-pencil.png", "me-pencil.png"]


def test_all_models_are_drawn_into_a_folder(server, photos):
    client(server, photos, "-o", "out", "--model", "all", "me.jpg")
    models = [model.id for model in models_available() if model.takes == "photo"]
    assert len(models) >= 2
    assert {path.name for path in (photos / "out").iterdir()} == {f"me-{model}.png" for model in models}
    listed = client(server, photos, "--models").stdout
    assert all(model in listed for model in models)


def test_a_token_gives_a_history_and_deletes(server, photos, user):
    from mysite.access.services import token_create

    sys.path.insert(0, str(CLIENT.parent))
    try:
        from client import Workbench, WorkbenchError
    finally:
        sys.path.remove(str(CLIENT.parent))
    workbench = Workbench(server.url, token_create(user=user, name="tests")[1])
    sketch = workbench.wait(workbench.send(photos / "me.jpg", model="pencil"))
    again = workbench.wait(workbench.redraw(sketch, model="lines"))
    assert [one["id"] for one in workbench.history()] == [again["id"], sketch["id"]]
    with pytest.raises(WorkbenchError, match="no model 'pensil'"):
        workbench.redraw(sketch, model="pensil")
    workbench.delete(sketch)
    assert [one["id"] for one in workbench.history()] == [again["id"]]


def test_what_cannot_be_reached_or_read_is_one_sentence(server, photos):
    nowhere = client(type("Nowhere", (), {"url": "http://127.0.0.1:9"}), photos, "me.jpg", check=False)
    assert nowhere.returncode == 1 and "was not reached" in nowhere.stderr
    missing = client(server, photos, "missing.jpg", check=False)
    assert missing.returncode == 1 and "missing.jpg" in missing.stderr
    clash = client(server, photos, "-o", "one.png", "--model", "all", "me.jpg", check=False)
    assert clash.returncode == 2 and "need a folder" in clash.stderr
