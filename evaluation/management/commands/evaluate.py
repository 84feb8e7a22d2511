import json
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from evaluation import sets
from evaluation.models import Evaluation, Result
from evaluation.services import evaluation_submit
from evaluation.working_here import working_here
from workers.engine import catalogue
from workers.engine.errors import InputError
from workers.models import JobState, QueueName
from workers.selectors import workers_alive

POLL_SECONDS = 0.25


class Command(BaseCommand):
    help = (
        "Measure a candidate set against a reference set. SPEC is a folder, or "
        f"{sets.FORMS}; e.g. cufs:test:sketch. Without --wait the evaluation is queued and its id printed."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--reference", required=True, metavar="SPEC")
        parser.add_argument("--candidate", required=True, metavar="SPEC")
        needed = "; not needed for metrics that look at the pictures themselves"
        names = ", ".join(catalogue.EXTRACTORS) + needed
        parser.add_argument("--extractor", default="", metavar="NAME", help=names)
        parser.add_argument("--metrics", default="fid", metavar="NAMES", help="separated by commas (default: fid)")
        wait = "until the numbers are there; computes them here when no worker is running"
        parser.add_argument("--wait", action="store_true", help=wait)
        parser.add_argument("--json", action="store_true", help="one JSON object a line on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        self.as_json = options["json"]
        try:
            evaluation, created = evaluation_submit(
                user=None,
                reference=sets.parse_text(options["reference"], "reference"),
                candidate=sets.parse_text(options["candidate"], "candidate"),
                extractor=options["extractor"],
                metrics=[name.strip() for name in options["metrics"].split(",") if name.strip()],
                everything=True,
            )
        except InputError as error:
            self.stderr.write(f"error: {error}")
            sys.exit(2)
        if not options["wait"]:
            self._say_queued(evaluation, created)
            return
        try:
            self._wait(evaluation)
        except KeyboardInterrupt:
            self.stderr.write(f"No longer waiting; evaluation {evaluation.id} goes on if a worker has it.")
            sys.exit(1)
        if evaluation.job.state != JobState.SUCCEEDED:
            self.stderr.write(f"error: {evaluation.job.get_state_display()}: {evaluation.job.message}")
            sys.exit(1)
        for result in evaluation.results.order_by("id"):
            self.stdout.write(json.dumps(row(result)) if self.as_json else line(result))
        if missing := evaluation.not_measured:
            self.stderr.write(f"error: not measured: {', '.join(missing)}. {evaluation.job.message}")
            sys.exit(2)

    def _say_queued(self, evaluation: Evaluation, created: bool) -> None:
        state = evaluation.job.state
        if self.as_json:
            self.stdout.write(json.dumps({"evaluation": str(evaluation.id), "state": state, "created": created}))
        else:
            word = "Queued" if created else f"Exists already ({state})"
            self.stdout.write(f"{word}: {evaluation}\nevaluation {evaluation.id}")
        if state == JobState.QUEUED and not workers_alive(QueueName.BATCH):
            self.stderr.write("No batch worker is running; start the workbench (make run), or add --wait.")

    def _wait(self, evaluation: Evaluation) -> None:
        terminal = sys.stderr.isatty()
        # With a worker alive, leave it to that; without one the numbers would never come.
        alone = evaluation.job.state == JobState.QUEUED and not workers_alive(QueueName.BATCH)
        if alone:
            self.stderr.write("No batch worker is running; computing here.")
        bar = tqdm(total=100, unit="%", disable=not terminal, leave=False)
        with working_here(evaluation.job, active=alone), bar:
            while evaluation.job.is_live:
                time.sleep(POLL_SECONDS)
                evaluation.job.refresh_from_db()
                bar.set_description(evaluation.job.step or evaluation.job.get_state_display())
                bar.update(round(100 * evaluation.job.progress) - bar.n)


def row(result: Result) -> dict[str, Any]:
    """A result as one JSON object."""
    evaluation = result.evaluation
    return {
        "metric": result.metric,
        "value": result.value,
        "low": result.low,
        "high": result.high,
        "floor": result.floor,
        "details": result.details,
        "n_reference": result.n_reference,
        "n_candidate": result.n_candidate,
        "extractor": result.extractor,
        "protocol": result.protocol,
        "reference": evaluation.reference_label,
        "candidate": evaluation.candidate_label,
        "reference_digest": result.reference_digest,
        "candidate_digest": result.candidate_digest,
        "warnings": [caution.text for caution in result.caution_list],
        "evaluation": str(evaluation.id),
    }


def line(result: Result) -> str:
    """A result for people."""
    first = (
        f"{result.metric} {result.value_text} {result.arrow}  n {result.n_reference} / {result.n_candidate}  "
        f"{result.extractor}  protocol {result.protocol}"
    )
    judged = []
    if result.has_interval:
        judged.append(f"95 % interval {result.interval_text}")
    if result.floor is not None:
        judged.append(f"real against real {result.floor_text}")
    if result.train_floor_text:
        judged.append(f"test against training part {result.train_floor_text}")
    return "\n".join(
        [
            first,
            *([f"  {', '.join(judged)}"] if judged else []),
            *[f"  note: {caution.text}" for caution in result.caution_list],
        ]
    )
