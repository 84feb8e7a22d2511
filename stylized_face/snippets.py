"""The same request for a shell and for Python, to copy from the result page."""

from __future__ import annotations

import json
import shlex

from django.http import HttpRequest
from django.urls import reverse

from .models import Stylization

_PYTHON = """\
import time
import requests

with open({photo}, "rb") as photo:
    answer = requests.post(
        {url},
        files={{"photo": photo}},
        data={{"model": {model}, "seed": {seed}, "strength": {strength}}},
    )
answer.raise_for_status()
sketch = answer.json()
while sketch["state"] in ("queued", "running"):
    time.sleep(0.5)
    sketch = requests.get(answer.headers["Location"]).json()
if sketch["state"] != "succeeded":
    raise SystemExit(sketch["message"])
with open("sketch.png", "wb") as file:
    file.write(requests.get(sketch["result"]["sketch"]).content)
"""


def _literal(text: str) -> str:
    """A Python string literal in double quotes; JSON's escapes are Python's."""
    return json.dumps(text, ensure_ascii=False)


def _address(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("stylized_face_api:stylization-list"))


def curl_snippet(request: HttpRequest, stylization: Stylization, photo: str) -> str:
    """Sends the photo; the answer names the address of the result."""
    fields = [
        f"photo=@{photo}", f"model={stylization.model}", f"seed={stylization.seed}", f"strength={stylization.strength}",
    ]  # fmt: skip
    return f"curl {' '.join(f'-F {shlex.quote(field)}' for field in fields)} {shlex.quote(_address(request))}"


def python_snippet(request: HttpRequest, stylization: Stylization, photo: str) -> str:
    """Sends the photo, waits, and stores the sketch."""
    return _PYTHON.format(
        photo=_literal(photo),
        url=_literal(_address(request)),
        model=_literal(stylization.model),
        seed=stylization.seed,
        strength=stylization.strength,
    )
