#!/usr/bin/env python3
"""Sketches of face photos from a Face Sketch Workbench. One file, Python 3.9 or later, no packages.

    python client.py --server https://workbench.example photo.jpg -o sketch.png
    python client.py --server ... --model all photo.jpg -o folder      every model that is offered
    python client.py --server ... -o folder one.jpg two.jpg three.jpg  several photos
    python client.py --server ... -o folder photos.zip                 every photo of a zip, in the order of their names
    python client.py --server ... --also pair photo.jpg -o sketch.png  photo and sketch side by side, too
    python client.py --server ... --models                             what can draw

or from Python:

    from client import Workbench
    workbench = Workbench("https://workbench.example")
    sketch = workbench.wait(workbench.send("photo.jpg", model="pencil"))
    workbench.save(sketch, "sketch.png")

Visitors need no token; a token gives higher limits and a history. Keep it in a file (--token-file) that only you can read.
"""

import argparse
import http.client
import itertools
import json
import sys
import time
import urllib.error
import urllib.request
import uuid
from contextlib import contextmanager
from pathlib import Path

LIVE = ("queued", "running")
FIELDS = ("seed", "to_seed", "mix", "strength", "face", "points")
ALSO = ("aligned", "photo", "large", "pair")  # large: the face as large as in the photo; pair: side by side


class WorkbenchError(Exception):
    """What the workbench answered instead of a sketch; the text says what to do. `status` is HTTP's, or None."""

    def __init__(self, text, status=None):
        super().__init__(text)
        self.status = status


class Workbench:
    """A workbench by its address. `wait_seconds` bounds the waiting for one sketch."""

    def __init__(self, server, token=None, wait_seconds=300.0):
        if not server.lower().startswith(("http://", "https://")):
            raise WorkbenchError(f"the address of the workbench must begin with http:// or https://, unlike {server!r}")
        self.api = server.rstrip("/") + "/api/v1/"
        self.token = token
        self.wait_seconds = wait_seconds

    def models(self):
        """What can draw: a list of {"id", "title", ...}."""
        return self._json("GET", "models/")

    def send(self, photo, **fields):
        """Send a photo; returns the sketch to be, which is queued. Fields: model, seed, strength, points, face, to_seed, mix.

        Of a zip of photos (without points and face) it returns {"together", "stylizations", "refused", ...}: the sketches to
        be, in the order of the photos' names, and each file that is not drawn as {"name", "reason"}.
        """
        path = Path(photo)
        body, kind = multipart({name: text(value) for name, value in fields.items() if value is not None}, path)
        return self._json("POST", "stylizations/", body, kind)

    def get(self, sketch):
        """How a sketch is going now."""
        return self._json("GET", f"stylizations/{sketch['id']}/")

    def wait(self, sketch):
        """Ask until it has ended; WorkbenchError when it failed, was cancelled, or takes too long.

        What a zip was answered with is returned with all its sketches ended, those that failed among them: `state` tells.
        """
        if "stylizations" in sketch:
            return {**sketch, "stylizations": [self._ended(one) for one in sketch["stylizations"]]}
        sketch = self._ended(sketch)
        if sketch["state"] != "succeeded":
            raise WorkbenchError(why_not(sketch))
        return sketch

    def _ended(self, sketch):
        """As it is once it has ended, well or not; WorkbenchError when that takes too long."""
        end, pause = time.monotonic() + self.wait_seconds, 0.2
        while sketch["state"] in LIVE:
            if time.monotonic() > end:
                raise WorkbenchError(f"not drawn within {self.wait_seconds:g} s; look at {sketch['page']}")
            begin = time.monotonic()
            sketch = self._json("GET", f"stylizations/{sketch['id']}/?wait=10")  # answers when it is there
            if sketch["state"] in LIVE and time.monotonic() - begin < pause:  # too many wait: it was answered at once
                time.sleep(pause)
                pause = min(pause * 1.3, 2.0)
        return sketch

    def cancel(self, sketch):
        """Stop the drawing; returns the sketch as it is now. One that runs ends at its next step; the photo stays."""
        return self._json("POST", f"stylizations/{sketch['id']}/cancel/", *as_json({}))

    def redraw(self, sketch, **fields):
        """Draw the same photo again. Fields as in `send`; what is left out stays as it was."""
        return self._json("POST", f"stylizations/{sketch['id']}/redraw/", *as_json(fields))

    def all_models(self, sketch):
        """Draw the same face by every model that is offered; returns all sketches, this one among them."""
        return self._json("POST", f"stylizations/{sketch['id']}/all/", *as_json({}))["stylizations"]

    def variants(self, sketch, **fields):
        """Draw this face with other seeds, or on the way to another seed; fields: count, to_seed. Returns all of them."""
        return self._json("POST", f"stylizations/{sketch['id']}/variants/", *as_json(fields))["stylizations"]

    def history(self):
        """Own sketches that are still there, newest first; needs a token."""
        page = {"next": self.api + "stylizations/"}
        while page["next"]:
            page = self._read("GET", page["next"], parse=True)
            yield from page["results"]

    def delete(self, sketch):
        """Delete the photo and the sketch now."""
        self._read("DELETE", self.api + f"stylizations/{sketch['id']}/")

    def save(self, sketch, target, which="sketch"):
        """Write one of the finished pictures (sketch, aligned, photo, large, pair) to a file; returns its path, or raises
        WorkbenchError when the sketch failed or is not drawn yet, and when it has no such picture."""
        content = self._read("GET", address_of(sketch, which))
        target = Path(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        return target

    def _json(self, method, path, body=None, kind=None):
        return self._read(method, self.api + path, body, kind, parse=True)

    def _read(self, method, address, body=None, kind=None, parse=False):
        headers = {"Accept": "application/json, */*"}
        if kind:
            headers["Content-Type"] = kind
        # The token goes to this workbench alone, whatever address an answer names.
        if self.token and address.startswith(self.api):
            headers["Authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(address, data=body, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                content = answer.read()
        except urllib.error.HTTPError as error:
            raise WorkbenchError(told(error.read()) or str(error), error.code) from None
        except (OSError, http.client.HTTPException) as error:
            raise WorkbenchError(f"{address} was not reached: {getattr(error, 'reason', error)}") from None
        return json.loads(content) if parse else content


def why_not(sketch):
    """The sentence that says why there is no sketch."""
    waits = f"the sketch is not drawn yet, it is {sketch['state']}: wait for it first"
    return waits if sketch["state"] in LIVE else sketch["message"] or f"the sketch was {sketch['state']}"


def address_of(sketch, which):
    """Address of one of its pictures; WorkbenchError when it has none."""
    if sketch["state"] != "succeeded":
        raise WorkbenchError(why_not(sketch))
    pictures = {name: at for name, at in {**sketch["result"], **sketch["downloads"]}.items() if at}
    if which not in pictures:  # "large" is null where the scale is not known
        raise WorkbenchError(f"this sketch has no picture {which!r}; there are: {', '.join(pictures)}")
    return pictures[which]


def as_json(fields):
    """Body and content type of a JSON request."""
    return json.dumps({key: one for key, one in fields.items() if one is not None}).encode(), "application/json"


def text(value):
    """A form's field; points are sent as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def multipart(fields, photo):
    """Body and content type of a form with one file."""
    mark = uuid.uuid4().hex
    name = photo.name.replace("\\", "_").replace('"', "%22").replace("\r", " ").replace("\n", " ")
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields.items()
    ]
    head = f'--{mark}\r\nContent-Disposition: form-data; name="photo"; filename="{name}"\r\n'
    parts.append(head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + photo.read_bytes() + b"\r\n")
    parts.append(f"--{mark}--\r\n".encode())
    return b"".join(parts), f"multipart/form-data; boundary={mark}"


def told(content):
    """The sentence in a problem detail (RFC 9457)."""
    try:
        body = json.loads(content)
    except ValueError:
        return ""
    return str(body.get("detail") or "") if isinstance(body, dict) else ""


class Run:
    """One call of this program: what it draws, where the pictures go, and whether something failed."""

    def __init__(self, workbench, chosen):
        self.workbench = workbench
        self.chosen = chosen
        self.failed = False
        self.taken = set()

    def draw(self, photo):
        """Draw one file, a photo or a zip of photos, and save all of it; what fails is told and does not stop the rest."""
        fields = {name: getattr(self.chosen, name) for name in FIELDS}
        model = None if self.chosen.model == "all" else self.chosen.model
        with self.told(photo):
            answer = self.workbench.send(photo, model=model, **fields)
            for one in answer.get("refused", ()):
                self.fail(f"{photo}: {one['name']}: {one['reason']}")
            stem = Path(photo).stem
            if "stylizations" not in answer:
                return self.finish(photo, stem, answer)
            count = len(answer["stylizations"])
            for number, sketch in enumerate(answer["stylizations"], 1):
                self.finish(f"{photo} ({number} of {count}, {sketch['page']})", f"{stem}-{number:02d}", sketch)

    def finish(self, label, stem, first):
        """Wait for the sketch of one photo, or for those by all models, and save them with what was asked for beside."""
        with self.told(label):
            for sketch in self.by_all(first) if self.chosen.model == "all" else [first]:
                name = f"{label} by {sketch['model']}" if self.chosen.model == "all" else label
                with self.told(name):
                    sketch = self.workbench.wait(sketch)
                    for which, target in self.targets(stem, sketch).items():
                        with self.told(name):
                            say(str(self.workbench.save(sketch, target, which)))

    def by_all(self, first):
        """Sketches of this face by every model."""
        if not first.get("together"):
            yield from self.workbench.all_models(first)
            return
        # `all_models` would draw a sketch of a zip once more, for a group of its own; so each other one is asked for.
        yield first
        for model in self.workbench.models():
            if model["takes"] == "photo" and model["id"] != first["model"]:
                yield self.workbench.redraw(first, model=model["id"])

    def targets(self, stem, sketch):
        """Where its pictures go: {"sketch": path, ...}. A name that this run has given already gets a number."""
        folder, bare, suffix = self.chosen.output, f"{stem}-{plain(sketch['model'])}", ".png"
        if self.chosen.one_file:
            folder, bare, suffix = folder.parent, folder.stem, folder.suffix
        for number in itertools.count(1):
            name = bare if number == 1 else f"{bare}-{number}"
            paths = {"sketch": folder / f"{name}{suffix}"}
            paths.update((which, folder / f"{name}-{which}{suffix}") for which in self.chosen.also)
            names = {str(path).lower() for path in paths.values()}  # some file systems know no capitals
            if not names & self.taken:
                self.taken |= names
                return paths

    @contextmanager
    def told(self, label):
        """What goes wrong inside is told on standard error, and the run goes on."""
        try:
            yield
        except (WorkbenchError, OSError) as error:
            self.fail(f"{label}: {error}")

    def fail(self, line):
        self.failed = True
        say(line, sys.stderr)


def plain(name):
    """checkpoint:ab12 -> checkpoint-ab12, which every file system takes."""
    return "".join(c if c.isalnum() or c in "._-" else "-" for c in name)


def say(line, stream=sys.stdout):
    stream.write(line + "\n")


def arguments(argv):
    parser = argparse.ArgumentParser(description="Sketches of face photos from a Face Sketch Workbench.")
    parser.add_argument("photos", metavar="PHOTO", nargs="*", help="JPEG, PNG or WebP photos of faces, or zips of them")
    parser.add_argument("--server", default="http://127.0.0.1:8000", help="the workbench's address (%(default)s)")
    parser.add_argument("--token-file", type=Path, metavar="FILE", help="a file with your REST token, if you have one")
    parser.add_argument("--model", help='what draws: an id that --models lists, or "all"')
    parser.add_argument("--seed", type=int, help="other strokes of the same drawing")
    parser.add_argument("--to-seed", type=int, help="of models with drawings between two seeds: the other seed")
    parser.add_argument("--mix", type=float, help="how far on the way to it, 0 to 1")
    parser.add_argument("--strength", type=float, help="0.2 faint .. 2 bold")
    parser.add_argument("--face", type=int, help="which of several faces; 0 is the largest")
    parser.add_argument("--points", type=json.loads, help="five [x, y] as JSON: eyes, nose tip, mouth corners")
    parser.add_argument("-o", "--output", type=Path, default=Path(), help="a PNG file for one sketch, else a folder")
    parser.add_argument("--also", action="append", choices=ALSO, default=[], help="save this one, too; can be repeated")
    parser.add_argument("--models", action="store_true", help="list what can draw, and end")
    chosen = parser.parse_args(argv)
    if not chosen.photos and not chosen.models:
        parser.error("give at least one photo, or --models")
    zips = any(Path(photo).suffix.lower() == ".zip" for photo in chosen.photos)
    several = len(chosen.photos) > 1 or chosen.model == "all" or zips
    chosen.one_file = chosen.output.suffix.lower() == ".png"
    if chosen.one_file and several:
        parser.error("several sketches need a folder: -o FOLDER")
    return chosen


def main(argv=None):
    chosen = arguments(argv)
    try:
        token = chosen.token_file.read_text().strip() if chosen.token_file else None
        workbench = Workbench(chosen.server, token)
        for model in workbench.models() if chosen.models else ():
            say(f"{model['id']}\t{model['title']}")
    except (WorkbenchError, OSError) as error:
        say(str(error), sys.stderr)
        return 1
    run = Run(workbench, chosen)
    for photo in chosen.photos:
        run.draw(photo)
    return 1 if run.failed else 0


if __name__ == "__main__":
    sys.exit(main())
