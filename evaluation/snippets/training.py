"""The same training, written for the command line, curl and Python."""

from __future__ import annotations

import json
import shlex
from typing import Any

from django.utils.translation import gettext as _

from evaluation.forms.training import changed_options
from evaluation.models import TrainingRun
from evaluation.snippets.evaluation import Snippet


def of(run: TrainingRun, address: str) -> list[Snippet]:
    """Snippets that submit this training to `address` (the absolute address of trainings/)."""
    if run.dataset is None:
        return []
    body = _body(run)
    curl = (
        f"curl -X POST {shlex.quote(address)} \\\n"
        '  -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\\n'
        f"  -d {shlex.quote(json.dumps(body))}"
    )
    python = f"""import time
import requests

headers = {{"Authorization": "Bearer TOKEN"}}
request = {_literal(body)}
training = requests.post({address!r}, headers=headers, json=request).json()
while training["state"] in ("queued", "running"):
    time.sleep(5)
    training = requests.get(training["url"], headers=headers).json()
for checkpoint in requests.get(training["url"] + "checkpoints/", headers=headers).json():
    print(checkpoint["epoch"], checkpoint["id"], checkpoint["file"])"""
    command = Snippet("snippet-command", _("Command line"), shlex.join(_command(run)))
    return [Snippet("snippet-curl", "curl", curl), Snippet("snippet-python", "Python", python), command]


def _body(run: TrainingRun) -> dict[str, Any]:
    assert run.dataset is not None  # asked by the caller
    changed = changed_options(run)
    options = {name: value for name, value in run.options.items() if name in changed}
    body: dict[str, Any] = {"preset": run.preset, "dataset": run.dataset.slug, "split": run.split}
    if run.source:
        body["source"] = run.source
    body["direction"] = f"{run.direction_from}-{run.direction_to}"
    body |= {"options": options, "seed": run.seed, "validation_share": run.validation_share}
    if run.parent_id:
        body["parent"] = run.parent_id
    return body


def _literal(body: dict[str, Any]) -> str:
    """The body as Python writes it: JSON but for true and false."""
    lines = ",\n".join(f"    {name!r}: {value!r}" for name, value in body.items())
    return f"{{\n{lines},\n}}"


def _command(run: TrainingRun) -> list[str]:
    assert run.dataset is not None
    command = ["python", "manage.py", "train", run.preset, "--dataset", run.dataset.slug, "--split", run.split]
    if run.source:
        command += ["--source", run.source]
    command += ["--direction", f"{run.direction_from}-{run.direction_to}", "--seed", str(run.seed)]
    command += ["--validation-share", f"{run.validation_share:g}"]
    if run.parent_id:
        command += ["--continue-from", run.parent_id]
    for name, value in changed_options(run).items():
        command += ["--set", f"{name}={value}"]
    return [*command, "--wait"]
