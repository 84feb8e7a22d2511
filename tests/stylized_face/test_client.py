"""The snippets of the result page and the client to download, run as they stand against a live server."""

import json
import shlex
import shutil
import subprocess
import sys
import threading
import zipfile
from email import message_from_bytes
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
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


@pytest.fixture
def module(monkeypatch):
    """The client as a program imports it."""
    monkeypatch.syspath_prepend(str(CLIENT.parent))
    import client

    return client


@pytest.fixture
def packed(photos) -> Path:
    """A zip of two faces, a photo without one, and two files that are no photos."""
    (photos / "broken.jpg").write_bytes(b"no picture")
    with zipfile.ZipFile(photos / "team.zip", "w") as archive:
        archive.write(photos / "me.jpg", "1.jpg")
        archive.write(photos / "nobody.jpg", "2.jpg")
        archive.write(photos / "me.jpg", "3.jpg")
        archive.write(photos / "broken.jpg", "4.jpg")
        archive.writestr("notes.txt", "hello")
    return photos / "team.zip"


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_every_photo_of_a_zip_is_drawn_and_each_that_is_not_is_told_with_its_reason(server, photos, packed):
    done = client(server, photos, "-o", "out", "--model", "pencil", "team.zip", "me.jpg", check=False)
    assert done.returncode == 1
    assert names_in(photos / "out") == ["me-pencil.png", "team-01-pencil.png", "team-03-pencil.png"]
    told = done.stderr.splitlines()
    assert len(told) == 3
    assert any(line.startswith("team.zip: notes.txt: is not a picture file") for line in told)
    assert any(line.startswith("team.zip: 4.jpg: The file is not a picture") for line in told)
    assert any(line.startswith("team.zip (2 of 3, http") and "No face was found" in line for line in told)


def test_a_zip_without_a_fault_ends_well_and_one_without_a_photo_does_not(server, photos):
    for name, member in (("good.zip", "me.jpg"), ("bad.zip", "readme.txt")):
        with zipfile.ZipFile(photos / name, "w") as archive:
            archive.writestr(member, (photos / "me.jpg").read_bytes() if member == "me.jpg" else b"hello")
    client(server, photos, "-o", "out", "good.zip")
    assert names_in(photos / "out") == ["good-01-pencil.png"]
    bad = client(server, photos, "-o", "out", "bad.zip", check=False)
    assert bad.returncode == 1 and bad.stderr.startswith("bad.zip: ") and "readme.txt" in bad.stderr
    clash = client(server, photos, "-o", "one.png", "good.zip", check=False)
    assert clash.returncode == 2 and "need a folder" in clash.stderr


def test_a_zip_by_all_models_draws_each_photo_once_by_each(server, photos):
    with zipfile.ZipFile(photos / "two.zip", "w") as archive:
        archive.write(photos / "me.jpg", "1.jpg")
        archive.write(photos / "me.jpg", "2.jpg")
    client(server, photos, "-o", "out", "--model", "all", "two.zip")
    models = [model.id for model in models_available() if model.takes == "photo"]
    assert set(names_in(photos / "out")) == {f"two-0{number}-{model}.png" for number in (1, 2) for model in models}
    assert Stylization.objects.count() == 2 * len(models)


def test_one_failed_sketch_of_a_zip_does_not_hide_the_others_from_a_program(server, photos, packed, module):
    workbench = module.Workbench(server.url)
    answer = workbench.wait(workbench.send(packed, model="pencil"))
    assert [one["state"] for one in answer["stylizations"]] == ["succeeded", "failed", "succeeded"]
    assert {one["name"] for one in answer["refused"]} == {"4.jpg", "notes.txt"}
    with pytest.raises(module.WorkbenchError, match="No face was found"):
        workbench.save(answer["stylizations"][1], photos / "none.png")
    assert not (photos / "none.png").exists()


def test_photos_of_the_same_name_do_not_overwrite_each_other(server, photos):
    for folder, seed in (("a", 10), ("b", 40)):
        (photos / folder).mkdir()
        with Image.open(photos / "me.jpg") as picture:
            picture.rotate(seed / 10).save(photos / folder / "me.jpg")
    sent = ["a/me.jpg", "b/me.jpg", "a/me.jpg"]
    done = client(server, photos, "-o", "out", "--model", "pencil", "--also", "pair", *sent)
    expected = ["me-pencil.png", "me-pencil-2.png", "me-pencil-3.png"]
    pairs = ["me-pencil-pair.png", "me-pencil-2-pair.png", "me-pencil-3-pair.png"]
    assert names_in(photos / "out") == sorted(expected + pairs)
    assert [Path(line).name for line in done.stdout.splitlines()][::2] == expected
    first, second, third = ((photos / "out" / name).read_bytes() for name in expected)
    assert first == third != second
    client(server, photos, "-o", "out", "--model", "pencil", "b/me.jpg")  # names of an earlier run are free
    assert (photos / "out" / "me-pencil.png").read_bytes() == second


def test_the_other_pictures_are_saved_beside_the_sketch(server, photos):
    also = [word for which in ("aligned", "photo", "large", "pair") for word in ("--also", which)]
    client(server, photos, "--model", "pencil", *also, "-o", "out/one.png", "me.jpg")
    sizes = {}
    for path in (photos / "out").iterdir():
        with Image.open(path) as picture:
            sizes[path.name] = picture.size
    large = sizes.pop("one-large.png")
    assert large[0] / large[1] == pytest.approx(400 / 500, rel=0.01)
    assert sizes == {
        "one.png": (400, 500), "one-aligned.png": (400, 500), "one-photo.png": (400, 500), "one-pair.png": (808, 500),
    }  # fmt: skip


def test_a_picture_that_a_sketch_does_not_have_is_a_sentence(module):
    sketch = {
        "state": "succeeded",
        "message": "",
        "result": {"sketch": "http://x/1"},
        "downloads": {"large": None, "pair": "http://x/2"},
    }
    assert module.address_of(sketch, "pair") == "http://x/2"
    for which in ("large", "huge"):
        with pytest.raises(module.WorkbenchError, match=f"no picture '{which}'; there are: sketch, pair"):
            module.address_of(sketch, which)


def test_a_sketch_can_be_cancelled(live_server, photos, module):
    workbench = module.Workbench(live_server.url)  # nobody draws here: it stays in the queue
    sketch = workbench.send(photos / "me.jpg", model="pencil")
    with pytest.raises(module.WorkbenchError, match="not drawn yet, it is queued"):
        workbench.save(sketch, photos / "sketch.png")
    assert workbench.cancel(sketch)["state"] == "cancelled"
    with pytest.raises(module.WorkbenchError, match="Cancelled"):
        workbench.wait(sketch)
    with pytest.raises(module.WorkbenchError, match="Cancelled"):
        workbench.save(workbench.get(sketch), photos / "sketch.png")


@pytest.mark.parametrize("address", ["127.0.0.1:8231", "localhost:8000", "ftp://localhost", ""])
def test_an_address_without_a_scheme_is_said_to_need_one(photos, address):
    done = client(SimpleNamespace(url=address), photos, "me.jpg", check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("the address of the workbench must begin with http:// or https://")


def test_a_port_that_is_no_number_is_one_sentence(photos):
    done = client(SimpleNamespace(url="http://localhost:abc"), photos, "me.jpg", check=False)
    assert done.returncode == 1 and "nonnumeric port" in done.stderr


HARD_NAMES = [
    "a,b.jpg",
    "a;type=text.jpg",
    'say "hi", you.jpg',
    "back\\slash;x.jpg",
    "it's $(me), `you`.jpg",
    '"me".jpg',
]


@pytest.fixture
def posted():
    """A server that keeps what is posted to it: (its address, list of {field: (file name, content)})."""
    seen: list[dict[str, tuple[str | None, bytes]]] = []

    class Keeps(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            form = message_from_bytes(b"Content-Type: " + self.headers["Content-Type"].encode() + b"\r\n\r\n" + body)
            seen.append(
                {
                    part.get_param("name", header="Content-Disposition"): (
                        part.get_filename(),
                        part.get_payload(decode=True),
                    )
                    for part in form.get_payload()
                }
            )
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Keeps)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_port}", seen
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("name", HARD_NAMES)
def test_a_name_at_which_curl_would_split_is_quoted_for_curl_inside_one_shell_word(rf, name):
    from stylized_face.snippets import curl_snippet

    row = Stylization(model="lines", seed=1, strength=1.0)
    words = shlex.split(curl_snippet(rf.get("/"), row, name))
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    assert words[:3] == ["curl", "-F", f'photo=@"{escaped}"']
    assert words[3:5] == ["-F", "model=lines"]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("name", [*HARD_NAMES, "me.jpg"])
def test_curl_sends_the_file_whatever_its_name_is(rf, posted, tmp_path, name):
    from stylized_face.snippets import curl_snippet

    address, seen = posted
    (tmp_path / name).write_bytes(b"the photo")
    row = Stylization(model="lines", seed=1, strength=1.0, points=[[1.5, 2], [3, 4], [5, 6], [7, 8], [9, 10]])
    shown = curl_snippet(rf.get("/", headers={"Host": address}), row, name).replace(
        "curl ", "curl -sS --noproxy '*' ", 1
    )
    done = subprocess.run(["bash", "-c", shown], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    [form] = seen
    assert form["photo"][1] == b"the photo"
    if not set(name) & set('"\\'):  # these two are escaped on the way, by each version of curl in its own manner
        assert form["photo"][0] == name
    assert json.loads(form["points"][1]) == row.points
    assert form["model"] == (None, b"lines")
