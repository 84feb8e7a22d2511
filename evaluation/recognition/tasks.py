"""What a recogniser is tested on, as it is named: a protocol of a dataset, or probes and a gallery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from datasetviewer.models import Split
from evaluation import sets
from evaluation.sets import HELD_OUT, SetSpec
from workers.engine.errors import InputError

EXAMPLE = '{"dataset": "webcaricature", "protocol": "verification-restricted-view2"}'
SIDES = ("probe", "gallery")


@dataclass(frozen=True)
class ProtocolTask:
    """A verification or identification protocol of a dataset; version 0 is the newest."""

    dataset: str
    protocol: str
    version: int = 0

    def __str__(self) -> str:
        return f"{self.dataset}: {self.protocol}" + (f" v{self.version}" if self.version else "")


@dataclass(frozen=True)
class SetsTask:
    """Every probe is looked for in the gallery. With probes of nobody in it, the test is an open-set one."""

    probe: SetSpec
    gallery: SetSpec

    def __str__(self) -> str:
        return f"{sets.label(self.probe)} → {sets.label(self.gallery)}"


Task = ProtocolTask | SetsTask


def parse_task(value: Any, where: str = "") -> Task:
    """A task from outside: {"dataset", "protocol", "version"?} or {"probe": set, "gallery": set}.

    Only the form is checked. `where` ("validation", say) begins the message of the InputError.
    """
    prefix = f"{where}: " if where else ""
    known = ("dataset", "protocol", "version", *SIDES)
    if not isinstance(value, dict):
        raise InputError(prefix + _("name a protocol, e.g. %(example)s, or probe and gallery.") % {"example": EXAMPLE})
    for key in value:
        if key not in known:
            text = _("There is no entry %(key)s. Known: %(keys)s.")
            raise InputError(prefix + text % {"key": repr(key)[:80], "keys": ", ".join(known)})
    if any(side in value for side in SIDES):
        if "protocol" in value or "dataset" in value:
            raise InputError(prefix + _("name either a dataset with its protocol, or probe and gallery, not both."))
        for side in SIDES:
            if side not in value:
                raise InputError(prefix + _("%(side)s is missing: two sets are compared.") % {"side": side})
        return SetsTask(*(sets.parse(value[side], prefix + side) for side in SIDES))
    for key in ("dataset", "protocol"):
        if not isinstance(value.get(key), str) or not value[key]:
            text = _("%(key)s is missing: name a protocol, e.g. %(example)s, or probe and gallery.")
            raise InputError(prefix + text % {"key": key, "example": EXAMPLE})
    version = value.get("version") or 0
    if isinstance(version, bool) or not isinstance(version, int) or not 0 <= version < 2**31:
        raise InputError(prefix + _("version: %(given)s is no version's number.") % {"given": repr(version)[:40]})
    return ProtocolTask(value["dataset"], value["protocol"], version)


def task_to_json(task: Task) -> dict[str, Any]:
    if isinstance(task, SetsTask):
        return {"probe": sets.to_json(task.probe), "gallery": sets.to_json(task.gallery)}
    return {"dataset": task.dataset, "protocol": task.protocol, "version": task.version}


def task_from_json(value: dict[str, Any]) -> Task:
    """What `task_to_json` gave; for rows that were checked when they were written."""
    if "probe" in value:
        return SetsTask(sets.from_json(value["probe"]), sets.from_json(value["gallery"]))
    return ProtocolTask(**value)


def for_choosing(task: Task) -> bool:
    """Whether its pictures are there to choose by: view 1 of a protocol, a validation part. No number to report."""
    if isinstance(task, ProtocolTask):
        return task.protocol.endswith("view1")
    return any(getattr(spec, "split", "") in (Split.VALIDATION, HELD_OUT) for spec in (task.probe, task.gallery))
