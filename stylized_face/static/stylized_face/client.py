#!/usr/bin/env python3
"""Sketches of face photos from a Face Sketch Workbench. One file, Python 3.9 or later, no packages.

    python client.py --server https://workbench.example photo.jpg -o sketch.png
    python client.py --server ... --model all photo.jpg -o folder      every model that is offered
    python client.py --server ... -o folder one.jpg two.jpg three.jpg  several photos
    python client.py --server ... --models                             what can draw

or from Python:

    from client import Workbench
    workbench = Workbench("https://workbench.example")
    sketch = workbench.wait(workbench.send("photo.jpg", model="pencil"))
    workbench.save(sketch, "sketch.png")

Visitors need no token; a token gives higher limits and a history. Keep it in a file that only you can read
(--token-file): what stands in a command can be seen by others on the same machine.
"""

import argparse
import json
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

LIVE = ("queued", "running")


class WorkbenchError(Exception):
    """What the workbench answered instead of a sketch; the text says what to do. `status` is HTTP's, or None."""

    def __init__(self, text, status=None):
        super().__init__(text)
        self.status = status


class Workbench:
    """A workbench by its address. `wait_seconds` bounds the waiting for one sketch."""

    def __init__(self, server, token=None, wait_seconds=300.0):
        self.api = server.rstrip("/") + "/api/v1/"
        self.token = token
        self.wait_seconds = wait_seconds

    def models(self):
        """What can draw: a list of {"id", "title", ...}."""
        return self._json("GET", "models/")

    def send(self, photo, **fields):
        """Send a photo; returns the sketch to be, which is queued. Fields: model, seed, strength, points, face."""
        path = Path(photo)
        body, kind = multipart({name: text(value) for name, value in fields.items() if value is not None}, path)
        return self._json("POST", "stylizations/", body, kind)

    def get(self, sketch):
        """How a sketch is going now."""
        return self._json("GET", f"stylizations/{sketch['id']}/")

    def _when_done(self, sketch):
        """As `get`, but the answer comes when the sketch is there, or after some seconds."""
        return self._json("GET", f"stylizations/{sketch['id']}/?wait=10")

    def wait(self, sketch):
        """Ask until it has ended; WorkbenchError when it failed, was cancelled, or takes too long."""
        end, pause = time.monotonic() + self.wait_seconds, 0.2
        while sketch["state"] in LIVE:
            if time.monotonic() > end:
                raise WorkbenchError(f"not drawn within {self.wait_seconds:g} s; look at {sketch['page']}")
            begin = time.monotonic()
            sketch = self._when_done(sketch)
            if sketch["state"] in LIVE and time.monotonic() - begin < pause:  # too many wait: it was answered at once
                time.sleep(pause)
                pause = min(pause * 1.3, 2.0)
        if sketch["state"] != "succeeded":
            raise WorkbenchError(sketch["message"] or f"the sketch was {sketch['state']}")
        return sketch

    def redraw(self, sketch, **fields):
        """Draw the same photo again. Fields as in `send`; what is left out stays as it was."""
        return self._json("POST", f"stylizations/{sketch['id']}/redraw/", *as_json(fields))

    def all_models(self, sketch):
        """Draw the same face by every model that is offered; returns all sketches, this one among them."""
        return self._json("POST", f"stylizations/{sketch['id']}/all/", *as_json({}))["stylizations"]

    def history(self):
        """Own sketches that are still there, newest first; needs a token."""
        page = self._json("GET", "stylizations/")
        while True:
            yield from page["results"]
            if not page["next"]:
                return
            page = self._read("GET", page["next"], parse=True)

    def delete(self, sketch):
        """Delete the photo and the sketch now."""
        self._read("DELETE", self.api + f"stylizations/{sketch['id']}/")

    def save(self, sketch, target, which="sketch"):
        """Write one of the finished pictures (sketch, aligned, photo) to a file."""
        content = self._read("GET", sketch["result"][which])
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
        except OSError as error:
            raise WorkbenchError(f"{address} was not reached: {getattr(error, 'reason', error)}") from None
        return json.loads(content) if parse else content


def as_json(fields):
    """Body and content type of a JSON request."""
    return json.dumps({name: value for name, value in fields.items() if value is not None}).encode(), "application/json"


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


def draw(workbench, photo, model, fields):
    """Finished sketches of one photo: one, or with the model "all" one for each model."""
    first = workbench.send(photo, model=None if model == "all" else model, **fields)
    sketches = workbench.all_models(first) if model == "all" else [first]
    return [workbench.wait(sketch) for sketch in sketches]


def file_name(photo, sketch):
    """one.jpg drawn by checkpoint:ab12 -> one-checkpoint-ab12.png"""
    bare = "".join(c if c.isalnum() or c in "._-" else "-" for c in sketch["model"])
    return f"{Path(photo).stem}-{bare}.png"


def say(line, stream=sys.stdout):
    stream.write(line + "\n")


def arguments(argv):
    parser = argparse.ArgumentParser(description="Sketches of face photos from a Face Sketch Workbench.")
    parser.add_argument("photos", metavar="PHOTO", nargs="*", help="JPEG, PNG or WebP pictures of faces")
    parser.add_argument(
        "--server", default="http://127.0.0.1:8000", help="address of the workbench (default %(default)s)"
    )
    parser.add_argument("--token-file", type=Path, metavar="FILE", help="a file with your REST token, if you have one")
    parser.add_argument("--model", help='what draws: an id that --models lists, or "all"')
    parser.add_argument("--seed", type=int, help="other strokes of the same drawing")
    parser.add_argument("--strength", type=float, help="0.2 faint .. 2 bold")
    parser.add_argument("--face", type=int, help="which of several faces; 0 is the largest")
    parser.add_argument("--points", type=json.loads, help="five [x, y] as JSON: eyes, nose tip, mouth corners")
    parser.add_argument("-o", "--output", type=Path, default=Path(), help="a PNG file for one sketch, else a folder")
    parser.add_argument("--models", action="store_true", help="list what can draw, and end")
    chosen = parser.parse_args(argv)
    if not chosen.photos and not chosen.models:
        parser.error("give at least one photo, or --models")
    if chosen.output.suffix.lower() == ".png" and (len(chosen.photos) > 1 or chosen.model == "all"):
        parser.error("several sketches need a folder: -o FOLDER")
    return chosen


def main(argv=None):
    chosen = arguments(argv)
    try:
        token = chosen.token_file.read_text().strip() if chosen.token_file else None
    except OSError as error:
        say(str(error), sys.stderr)
        return 1
    workbench = Workbench(chosen.server, token)
    fields = {name: getattr(chosen, name) for name in ("seed", "strength", "face", "points")}
    failed = False
    try:
        if chosen.models:
            for model in workbench.models():
                say(f"{model['id']}\t{model['title']}")
        for photo in chosen.photos:
            try:
                for sketch in draw(workbench, photo, chosen.model, fields):
                    one = chosen.output.suffix.lower() == ".png"
                    target = chosen.output if one else chosen.output / file_name(photo, sketch)
                    say(str(workbench.save(sketch, target)))
            except (WorkbenchError, OSError) as error:
                failed = True
                say(f"{photo}: {error}", sys.stderr)
    except WorkbenchError as error:
        say(str(error), sys.stderr)
        return 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
