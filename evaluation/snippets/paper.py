"""The same table asked for on the command line, with curl and with Python."""

from __future__ import annotations

import json
import shlex

from django.utils.translation import gettext as _

from evaluation.models import PaperTable
from evaluation.paper.columns import PaperColumn
from evaluation.paper.rows import row_from
from evaluation.snippets.evaluation import Snippet


def of(table: PaperTable, address: str) -> list[Snippet]:
    """Snippets that make this table at `address` (the absolute address of tables/)."""
    rows = [row_from(row) for row in table.rows]
    columns = [str(PaperColumn(**column)) for column in table.columns]
    command = ["python", "manage.py", "paper_table", "--reference", table.reference_label, "--name", table.name]
    for row in rows:
        command += ["--candidate", f"{row.spec} = {row.label}" if row.label else str(row.spec)]
    command += ["--columns", ",".join(columns), "--wait", "--format", "md"]
    body = {
        "name": table.name,
        "reference": table.reference_label,
        "candidates": [{"set": str(row.spec), "label": row.label} for row in rows],
        "columns": columns,
    }
    curl = (
        f"curl -X POST {shlex.quote(address)} \\\n"
        '  -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\\n'
        f"  -d {shlex.quote(json.dumps(body, ensure_ascii=False))}"
    )
    python = f"""import time
import requests

headers = {{"Authorization": "Bearer TOKEN"}}
request = {json.dumps(body, indent=4, ensure_ascii=False)}
table = requests.post({address!r}, headers=headers, json=request).json()
while table["states"].keys() & {{"queued", "running"}}:
    time.sleep(2)
    table = requests.get(table["url"], headers=headers).json()
print(requests.get(table["url"], headers=headers, params={{"format": "tex"}}).text)"""
    return [
        Snippet("snippet-command", _("Command line"), shlex.join(command)),
        Snippet("snippet-curl", "curl", curl),
        Snippet("snippet-python", "Python", python),
    ]
