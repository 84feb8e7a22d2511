"""The same request as a recognition test's, written for the command line and curl."""

from __future__ import annotations

import json
import shlex
from typing import Any

from django.utils.translation import gettext as _

from evaluation.models import RecognitionTest
from evaluation.recognition import SetsTask, task_from_json
from evaluation.snippets.evaluation import Snippet


def snippets_of(test: RecognitionTest, address: str) -> list[Snippet]:
    """Snippets that submit this test to `address` (the absolute address of recognitions/)."""
    body: dict[str, Any] = {**test.task, "extractors": test.extractors}
    for side in ("probe", "gallery"):
        if "upload" in body.get(side, {}):
            body[side] = {"upload": body[side]["upload"]}
    curl = (
        f"curl -X POST {shlex.quote(address)} \\\n"
        '  -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\\n'
        f"  -d {shlex.quote(json.dumps(body))}"
    )
    return [Snippet("snippet-curl", "curl", curl), Snippet("snippet-command", _("Command line"), command_of(test))]


def command_of(test: RecognitionTest) -> str:
    task = task_from_json(test.task)
    if isinstance(task, SetsTask):
        named = ["--probe", str(task.probe), "--gallery", str(task.gallery)]
    else:
        named = ["--protocol", f"{task.dataset}:{task.protocol}"]
    recognisers = ["--extractor", test.extractors[0]]
    if len(test.extractors) > 1:
        recognisers = ["--per-fold", ",".join(test.extractors)]
    return shlex.join(["python", "manage.py", "recognise", *named, *recognisers, "--wait"])
