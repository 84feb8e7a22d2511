"""Tests of recognisers: what they are tested on, and what follows from it. Import from here."""

from typing import Any

from evaluation.recognition.plans import IDENTIFICATION, VERIFICATION, VERSION, Plan
from evaluation.recognition.protocols import TESTABLE, protocol_of_task, protocol_plan
from evaluation.recognition.tasks import (
    ProtocolTask,
    SetsTask,
    Task,
    for_choosing,
    parse_task,
    task_from_json,
    task_to_json,
)
from evaluation.recognition.two_sets import sets_plan
from evaluation.recognition.words import FACTS, LABELS, MEASURES, Label, measure_title

__all__ = [
    "FACTS",
    "IDENTIFICATION",
    "LABELS",
    "MEASURES",
    "TESTABLE",
    "VERIFICATION",
    "VERSION",
    "Label",
    "Plan",
    "ProtocolTask",
    "SetsTask",
    "Task",
    "for_choosing",
    "measure_title",
    "parse_task",
    "plan_of",
    "protocol_of_task",
    "task_from_json",
    "task_to_json",
]


def plan_of(task: Task, user: Any = None, *, everything: bool = False) -> Plan:
    """The plan of a task for what this user may see; `everything` for command line and worker. InputError as they say."""
    if isinstance(task, ProtocolTask):
        return protocol_plan(task, user, everything=everything)
    return sets_plan(task, user, everything=everything)
