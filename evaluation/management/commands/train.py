import json
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from evaluation.models import TrainingRun
from evaluation.services import training_submit, training_wish
from evaluation.services.trainings import DEFAULT_DIRECTION
from evaluation.working_here import working_here
from workers.engine import catalogue
from workers.engine.errors import InputError
from workers.models import JobState, QueueName
from workers.selectors import workers_alive

POLL_SECONDS = 0.25


class Command(BaseCommand):
    help = (
        "Train a generator on the pairs of a dataset. Without --wait the training is queued and its id printed. "
        "`python -m workers.engine describe PRESET` shows the options that --set takes."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("preset", metavar="PRESET", help=", ".join(catalogue.PRESETS))
        parser.add_argument("--dataset", required=True, metavar="SLUG")
        parser.add_argument("--split", default="train", help="train (default), test, validation or all")
        parser.add_argument("--source", default="", help="one of the databases inside the dataset, e.g. CUHK")
        parser.add_argument(
            "--direction", default=DEFAULT_DIRECTION, help=f"from and to (default: {DEFAULT_DIRECTION})"
        )
        parser.add_argument(
            "--set", action="append", default=[], metavar="KEY=VALUE", help="an option; may be repeated"
        )
        parser.add_argument("--seed", default="0")
        parser.add_argument("--name", default="", help="what the pages call it")
        parser.add_argument("--validation-share", default="0.1", help="part of the persons held out (default: 0.1)")
        parser.add_argument(
            "--continue-from", default="", metavar="CHECKPOINT", help="start from this checkpoint's weights"
        )
        wait = "until it is trained; trains here when no worker is running"
        parser.add_argument("--wait", action="store_true", help=wait)
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        self.as_json = options["json"]
        try:
            wish = training_wish(
                user=None,
                preset=options["preset"],
                dataset=options["dataset"],
                split=options["split"],
                source=options["source"],
                direction=options["direction"],
                options=dict(_assignment(text) for text in options["set"]),
                seed=options["seed"],
                name=options["name"],
                validation_share=options["validation_share"],
                parent=options["continue_from"],
                everything=True,
            )
            run, created = training_submit(user=None, wish=wish)
        except InputError as error:
            self.stderr.write(f"error: {error}")
            sys.exit(2)
        if not options["wait"]:
            self._say_queued(run, created)
            return
        try:
            self._wait(run)
        except KeyboardInterrupt:
            self.stderr.write(f"No longer waiting; training {run.id} goes on if a worker has it.")
            sys.exit(1)
        if run.job.state != JobState.SUCCEEDED:
            self.stderr.write(f"error: {run.job.get_state_display()}: {run.job.message}")
            sys.exit(1)
        self._say_trained(run)

    def _say_queued(self, run: TrainingRun, created: bool) -> None:
        state = run.job.state
        if self.as_json:
            self.stdout.write(json.dumps({"training": str(run.id), "state": state, "created": created}))
        else:
            word = "Queued" if created else f"Exists already ({state})"
            pairs = f"{run.n_train} pairs to learn from, {run.n_validation} held out"
            self.stdout.write(f"{word}: {run.preset}, {pairs}\ntraining {run.id}")
        if state == JobState.QUEUED and not workers_alive(QueueName.BATCH):
            self.stderr.write("No batch worker is running; start the workbench (make run), or add --wait.")

    def _wait(self, run: TrainingRun) -> None:
        # With a worker alive, leave it to that; without one it would never be trained.
        alone = run.job.state == JobState.QUEUED and not workers_alive(QueueName.BATCH)
        if alone:
            self.stderr.write("No batch worker is running; training here.")
        bar = tqdm(
            total=1000, disable=not sys.stderr.isatty(), leave=False, bar_format="{l_bar}{bar}| {elapsed}<{remaining}"
        )
        with working_here(run.job, active=alone), bar:
            while run.job.is_live:
                time.sleep(POLL_SECONDS)
                run.job.refresh_from_db()
                bar.set_description(run.job.step or run.job.get_state_display())
                bar.update(round(1000 * run.job.progress) - bar.n)
        run.refresh_from_db()

    def _say_trained(self, run: TrainingRun) -> None:
        checkpoints = list(run.checkpoints.filter(deleted=None).order_by("step"))
        if self.as_json:
            rows = [{"id": one.id, "epoch": one.epoch, "step": one.step, "digest": one.digest} for one in checkpoints]
            answer = {
                "training": str(run.id), "state": run.job.state, "epochs": run.epochs_done, "steps": run.steps_done,
                "images_per_second": run.images_per_second, "device": run.device, "checkpoints": rows,
            }  # fmt: skip
            self.stdout.write(json.dumps(answer))
            return
        self.stdout.write(f"training {run.id}: {run.job.message}")
        for one in checkpoints:
            self.stdout.write(f"  epoch {one.epoch:4d}  checkpoint {one.id}  {one.folder}")


def _assignment(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise InputError(f"--set {text!r}: write KEY=VALUE, e.g. --set epochs=20.")
    return name.strip(), value.strip()
