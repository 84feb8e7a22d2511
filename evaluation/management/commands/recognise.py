import json
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from evaluation import sets
from evaluation.models import RecogniserChoice, RecognitionTest
from evaluation.recognition import MEASURES, ProtocolTask, SetsTask, Task
from evaluation.services.recogniser_choices import choice_submit
from evaluation.services.recognitions import recognition_submit
from evaluation.working_here import working_here
from workers.engine import catalogue
from workers.engine.errors import InputError
from workers.models import Job, JobState, QueueName
from workers.selectors import workers_alive

POLL_SECONDS = 0.25
PROTOCOL = "DATASET:PROTOCOL"
MEASURE = (
    f"to choose by, of {', '.join(MEASURES)}: those that the pictures chosen by give (dir@ needs probes of nobody in the "
    "gallery, accuracy several parts); left out: rank1 where persons are identified, else auc"
)


class Command(BaseCommand):
    help = (
        "Test a recogniser by a protocol of a dataset (--protocol webcaricature:verification-restricted-view2), or on probes "
        "against a gallery (--probe cufs:test:sketch --gallery cufs:test:photo). With --choose-protocol, or --choose-probe and "
        "--choose-gallery, several recognisers are ranked there first and the best alone is tested."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--protocol", metavar=PROTOCOL)
        parser.add_argument("--probe", metavar="SPEC", help=f"a folder, or {sets.FORMS}")
        parser.add_argument("--gallery", metavar="SPEC")
        names = f"{', '.join(catalogue.EXTRACTORS)}, LAYER@CHECKPOINT or NAME@OWN_WEIGHTS; may be given several times"
        parser.add_argument("--extractor", action="append", default=[], metavar="NAME", help=names)
        each = "one recogniser for each part, separated by commas, in the order of the parts"
        parser.add_argument("--per-fold", default="", metavar="NAMES", help=each)
        parser.add_argument("--choose-protocol", metavar=PROTOCOL)
        parser.add_argument("--choose-probe", metavar="SPEC")
        parser.add_argument("--choose-gallery", metavar="SPEC")
        parser.add_argument("--measure", default="", metavar="NAME", help=MEASURE)
        wait = "until the numbers are there; computes them here when no worker is running"
        parser.add_argument("--wait", action="store_true", help=wait)
        parser.add_argument("--json", action="store_true", help="one JSON object a line on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        self.as_json = options["json"]
        try:
            found = self._submitted(options)
        except InputError as error:
            self.stderr.write(f"error: {error}")
            sys.exit(2)
        for each in found:
            if not options["wait"]:
                self._say_queued(each)
                continue
            try:
                self._wait(each.job)
            except KeyboardInterrupt:
                self.stderr.write(f"No longer waiting; {each.pk} goes on if a worker has it.")
                sys.exit(1)
            if each.job.state != JobState.SUCCEEDED:
                self.stderr.write(f"error: {each.job.get_state_display()}: {each.job.message}")
                sys.exit(1)
            each.refresh_from_db()
            if isinstance(each, RecogniserChoice):
                self._say_choice(each)
            else:
                self._say_test(each)

    def _submitted(self, options: dict[str, Any]) -> list[RecognitionTest | RecogniserChoice]:
        task = _task(options["protocol"], options["probe"], options["gallery"], "")
        chosen_by = [options[f"choose_{name}"] for name in ("protocol", "probe", "gallery")]
        names = options["extractor"]
        if any(chosen_by):
            validation = _task(chosen_by[0], chosen_by[1], chosen_by[2], "choose-")
            choice, _created = choice_submit(
                user=None,
                validation=validation,
                task=task,
                extractors=names,
                measure=options["measure"],
                everything=True,
            )
            return [choice]
        together = [name.strip() for name in options["per_fold"].split(",") if name.strip()]
        wanted = [together] if together else [[name] for name in names]
        if not wanted:
            raise InputError("--extractor is missing: name at least one recogniser.")
        return [recognition_submit(user=None, task=task, extractors=each, everything=True)[0] for each in wanted]

    def _say_queued(self, each: RecognitionTest | RecogniserChoice) -> None:
        if self.as_json:
            self.stdout.write(json.dumps({"id": str(each.pk), "state": each.job.state}))
        else:
            self.stdout.write(f"{each.job.get_state_display()}: {each}\n{each.pk}")
        if each.job.state == JobState.QUEUED and not workers_alive(QueueName.BATCH):
            self.stderr.write("No batch worker is running; start the workbench (make run), or add --wait.")

    def _say_choice(self, choice: RecogniserChoice) -> None:
        assert choice.test is not None
        if self.as_json:
            told = {"choice": str(choice.pk), "measure": choice.measure, "ranking": choice.ranking}
            self.stdout.write(json.dumps({**told, "warnings": [fact.text for fact in choice.caution_list]}))
        else:
            for place, row in enumerate(choice.ranking, start=1):
                self.stdout.write(f"{place}. {row['extractor']}  {choice.measure} {row['value']:.4f}")
            for caution in choice.caution_list:
                self.stdout.write(f"  note: {caution.text}")
        self._say_test(choice.test)

    def _say_test(self, test: RecognitionTest) -> None:
        if self.as_json:
            self.stdout.write(json.dumps(row_of(test)))
            return
        self.stdout.write(f"{test}  protocol {test.protocol}  {test.label}{' · ' + test.scheme if test.scheme else ''}")
        for value in test.summary:
            judged = " ".join(filter(None, [value.deviation_text, value.interval_text]))
            self.stdout.write(f"  {value.measure:12} {value.text} {judged}".rstrip())
        for caution in test.caution_list:
            self.stdout.write(f"  note: {caution.text}")

    def _wait(self, job: Job) -> None:
        alone = job.state == JobState.QUEUED and not workers_alive(QueueName.BATCH)
        if alone:
            self.stderr.write("No batch worker is running; computing here.")
        bar = tqdm(total=100, unit="%", disable=not sys.stderr.isatty(), leave=False)
        with working_here(job, active=alone), bar:
            while job.is_live:
                time.sleep(POLL_SECONDS)
                job.refresh_from_db()
                bar.set_description(job.step or job.get_state_display())
                bar.update(round(100 * job.progress) - bar.n)


def _task(protocol: str | None, probe: str | None, gallery: str | None, prefix: str) -> Task:
    if protocol:
        if probe or gallery:
            raise InputError(f"Give --{prefix}protocol, or --{prefix}probe and --{prefix}gallery, not both.")
        dataset, _colon, name = protocol.partition(":")
        if not name:
            raise InputError(f"--{prefix}protocol {protocol!r} is not {PROTOCOL}.")
        return ProtocolTask(dataset, name)
    if not probe or not gallery:
        raise InputError(f"Name --{prefix}protocol, or both --{prefix}probe and --{prefix}gallery.")
    return SetsTask(sets.parse_text(probe, "probe"), sets.parse_text(gallery, "gallery"))


def row_of(test: RecognitionTest) -> dict[str, Any]:
    """A test as one JSON object."""
    return {
        "test": str(test.pk),
        "task": test.task,
        "scheme": test.scheme,
        "extractors": test.extractors,
        "label": test.label,
        "protocol": test.protocol,
        "values": [
            {
                "part": value.part, "measure": value.measure, "value": value.value, "deviation": value.deviation,
                "low": value.low, "high": value.high, **value.details,
            }
            for value in test.values.all()
        ],
        "warnings": [caution.text for caution in test.caution_list],
    }  # fmt: skip
