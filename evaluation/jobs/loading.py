"""Importing heavy modules while the job can still be stopped."""

from __future__ import annotations

from functools import partial
from importlib import import_module

from workers.context import JobContext


def load(context: JobContext, module: str) -> None:
    """Import a module (torch or dlib behind it, seconds on a busy machine) beside a thread that can be stopped."""
    context.beside(partial(import_module, module))
