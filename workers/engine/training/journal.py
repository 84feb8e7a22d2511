"""What a training writes down while it runs: losses.jsonl for the curve, log.txt for people."""

import json
import os
import time
from pathlib import Path
from typing import Any

from workers.engine.whole_files import write_whole

LOSSES, LOG = "losses.jsonl", "log.txt"


class Journal:
    """Appends to both files. One line of losses.jsonl: `{"step", "epoch", "lr", "images_per_second", "losses": {name:
    mean since the last line}}`."""

    def __init__(self, folder: Path, active: bool = True):
        self.folder, self.active = folder, active
        if active:
            folder.mkdir(parents=True, exist_ok=True)

    def losses(self, line: dict[str, Any]) -> None:
        self._append(LOSSES, json.dumps(line))

    def say(self, text: str) -> None:
        self._append(LOG, f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}")

    def go_back_to(self, step: int) -> None:
        """Drop the losses after this step: they belong to work that was lost and is done again."""
        file = self.folder / LOSSES
        if not self.active or not file.is_file():
            return
        kept = [line for line in file.read_text().splitlines() if _step(line) <= step]
        write_whole(file, "".join(f"{line}\n" for line in kept).encode())

    def _append(self, name: str, line: str) -> None:
        if not self.active:
            return
        # One write a line, so that a reader never sees half of one.
        handle = os.open(self.folder / name, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(handle, f"{line}\n".encode())
        finally:
            os.close(handle)


def _step(line: str) -> float:
    try:
        return int(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError):
        return float("inf")  # a line cut short when the process died
