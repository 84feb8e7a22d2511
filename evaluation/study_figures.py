"""Drawings of the study as files: a browser without a window draws what the page draws, and hands it back."""

from __future__ import annotations

import base64
import html
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.utils.translation import gettext as _

from workers.engine.errors import InputError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
STYLES = ("vendor/bootstrap/bootstrap.min.css", "site/app.css", "site/charts.css", "evaluation/study.css")
SCRIPTS = ("vendor/echarts/echarts.min.js", "site/charts.js", "evaluation/study.js")
TIME_LIMIT = 60  # seconds

PAGE = """<!doctype html><html lang="en" data-bs-theme="{theme}" class="js"><meta charset="utf-8">{styles}
<style>.figure {{ width: {width}px; height: {height}px; }}</style>
<div class="chart figure" id="figure" data-chart="study-{kind}" data-chart-json="#data"></div>
<script id="data" type="application/json">{data}</script>{scripts}
<pre id="taken" data-take-figure="#figure"></pre></html>"""


def figure(kind: str, data: dict[str, Any], *, width: int, height: int, theme: str = "light") -> dict[str, bytes]:
    """The drawing of a curve or scatter as {"svg": ..., "png": ...}; `width` and `height` in CSS pixels, the PNG has twice.

    `data` is what the page hands to its script. InputError when there is no Chromium, or when it draws nothing.
    """
    browser = next(filter(None, (shutil.which(name) for name in BROWSERS)), None)
    if browser is None:
        raise InputError(_("Drawing needs Chromium: install it, or save the drawing from its page."))
    page = PAGE.format(
        theme=theme, kind=kind, width=width, height=height,
        data=json.dumps(data).replace("<", "\\u003C"),
        styles="".join(f'<link rel="stylesheet" href="{_found(name)}">' for name in STYLES),
        scripts="".join(f'<script src="{_found(name)}"></script>' for name in SCRIPTS),
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "figure.html"
        file.write_text(page)
        command = [
            browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-prefers-reduced-motion",
            "--allow-file-access-from-files", f"--user-data-dir={folder}/profile", f"--window-size={width},{height}",
            "--virtual-time-budget=5000", "--dump-dom", file.as_uri(),
        ]  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=TIME_LIMIT, check=False)
        except subprocess.TimeoutExpired:
            raise InputError(_("Chromium did not draw within %(n)s seconds.") % {"n": TIME_LIMIT}) from None
    taken = re.search(r'<pre id="taken"[^>]*>(.+?)</pre>', done.stdout, re.DOTALL)
    if taken is None:
        raise InputError(_("Chromium drew nothing: %(why)s") % {"why": done.stderr.strip()[-300:] or done.returncode})
    both = json.loads(html.unescape(taken[1]))
    return {"svg": both["svg"].encode(), "png": base64.b64decode(both["png"].partition(",")[2])}


def _found(name: str) -> str:
    path = finders.find(name)
    if path is None:
        raise InputError(_("The static file %(name)s is missing.") % {"name": name})
    return Path(path).as_uri()
