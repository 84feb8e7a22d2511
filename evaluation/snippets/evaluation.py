"""The same request as an evaluation's, written for the command line, curl and Python."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass

from django.utils.translation import gettext as _

from evaluation.models import Evaluation
from evaluation.sets import from_json


@dataclass(frozen=True)
class Snippet:
    id: str
    title: str
    text: str


def of(evaluation: Evaluation, address: str) -> list[Snippet]:
    """Snippets that submit this evaluation to `address` (the absolute address of evaluations/)."""
    command = [
        "python", "manage.py", "evaluate", "--reference", str(from_json(evaluation.reference)),
        "--candidate", str(from_json(evaluation.candidate)), "--extractor", evaluation.extractor,
        "--metrics", ",".join(evaluation.metrics), "--wait",
    ]  # fmt: skip
    found = [Snippet("snippet-command", _("Command line"), shlex.join(command))]
    body = {
        "reference": _told(evaluation.reference),
        "candidate": _told(evaluation.candidate),
        "extractor": evaluation.extractor,
        "metrics": evaluation.metrics,
    }
    curl = (
        f"curl -X POST {shlex.quote(address)} \\\n"
        '  -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\\n'
        f"  -d {shlex.quote(json.dumps(body))}"
    )
    python = f"""import time
import requests

headers = {{"Authorization": "Bearer TOKEN"}}
request = {json.dumps(body, indent=4)}
evaluation = requests.post({address!r}, headers=headers, json=request).json()
while evaluation["state"] in ("queued", "running"):
    time.sleep(1)
    evaluation = requests.get(evaluation["url"], headers=headers).json()
for result in evaluation["results"]:
    print(result["metric"], result["value"], result["low"], result["high"], result["protocol"])"""
    return [Snippet("snippet-curl", "curl", curl), Snippet("snippet-python", "Python", python), *found]


def _told(spec: dict[str, str]) -> dict[str, str]:
    """A set as it is asked for: an uploaded or published one by its number alone."""
    number = next((kind for kind in ("upload", "published") if kind in spec), None)
    return {number: spec[number]} if number else spec
