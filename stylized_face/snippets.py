"""The same request for a shell and for Python, to copy from the result page."""

from __future__ import annotations

import json
import shlex

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

from .models import Stylization

# Python's standard library posts no files, so the snippet for people who have `requests`; the client needs nothing.
_PYTHON = """\
import time
import requests

with open({photo}, "rb") as photo:
    answer = requests.post(
        {url},
        files={{"photo": photo}},
        data={fields},
    )
answer.raise_for_status()
sketch = answer.json()
while sketch["state"] in ("queued", "running"):
    sketch = requests.get(answer.headers["Location"], params={{"wait": 10}}).json()
    time.sleep(0.1)
if sketch["state"] != "succeeded":
    raise SystemExit(sketch["message"])
with open("sketch.png", "wb") as file:
    file.write(requests.get(sketch["result"]["sketch"]).content)
"""

_CLIENT = """\
curl -o client.py {client}
python client.py {arguments}
"""


def request_fields(stylization: Stylization) -> dict[str, str]:
    """The fields that ask for this very sketch, as a multipart form has them."""
    fields = {"model": stylization.model, "seed": str(stylization.seed), "strength": str(stylization.strength)}
    if stylization.to_seed is not None:
        fields |= {"to_seed": str(stylization.to_seed), "mix": str(stylization.mix)}
    if stylization.points:
        fields["points"] = json.dumps(stylization.points)
    elif stylization.face_index is not None:
        fields["face"] = str(stylization.face_index)
    return fields


def _literal(value: object) -> str:
    """A Python literal in double quotes; JSON's escapes are Python's."""
    return json.dumps(value, ensure_ascii=False)


def _address(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("stylized_face_api:stylization-list"))


def _curl_file(name: str) -> str:
    """A file's name for curl -F; in double quotes where curl would end it at a comma or semicolon, or read an escape."""
    if name == name.strip() and not set(name) & set(',;"\\'):
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def curl_snippet(request: HttpRequest, stylization: Stylization, photo: str) -> str:
    """Sends the photo; the answer names the address of the result."""
    fields = [
        f"photo=@{_curl_file(photo)}",
        *(f"{name}={value}" for name, value in request_fields(stylization).items()),
    ]
    return f"curl {' '.join(f'-F {shlex.quote(field)}' for field in fields)} {shlex.quote(_address(request))}"


def python_snippet(request: HttpRequest, stylization: Stylization, photo: str) -> str:
    """Sends the photo, waits, and stores the sketch."""
    return _PYTHON.format(
        photo=_literal(photo), url=_literal(_address(request)), fields=_literal(request_fields(stylization))
    )


def client_snippet(request: HttpRequest, stylization: Stylization, photo: str) -> str:
    """The same with the client to download, which needs no package."""
    fields = request_fields(stylization)
    options = [part for name, value in fields.items() for part in (f"--{name.replace('_', '-')}", value)]
    # A word of its own after "--", so that no name of a file is taken for an option.
    words = ["--server", request.build_absolute_uri("/"), *options, "-o", "sketch.png", "--", photo]
    client = shlex.quote(request.build_absolute_uri(static("stylized_face/client.py")))
    return _CLIENT.format(client=client, arguments=" ".join(shlex.quote(word) for word in words))
