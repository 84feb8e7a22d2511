import json
import sys
import time
import uuid
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from evaluation import sets
from evaluation.models import PaperTable
from evaluation.paper import texts
from evaluation.selectors.paper_tables import ShownTable, table_shown
from evaluation.services import paper_tables as services
from evaluation.working_here import working_here
from workers.engine.errors import InputError
from workers.engine.whole_files import write_whole
from workers.models import JobState, QueueName
from workers.selectors import workers_alive

POLL_SECONDS = 0.5
TEXTS = {"md": texts.table_markdown, "tex": texts.table_latex, "csv": texts.table_csv}


class Everybody:
    """Stands for who sits at the machine: sees what the signed-in see."""

    is_authenticated, is_staff, pk = True, True, None


class Command(BaseCommand):
    help = (
        "Make a table as a paper prints it, methods down and metrics across, and measure what it lacks. A candidate is "
        f"{services.NAMES}, or any other set ({sets.FORMS}); with ' = NAME' behind it, the row is called so."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--reference", default="", metavar="SPEC", help="the real pictures, e.g. cufs:test:sketch")
        parser.add_argument("--dataset", default="", metavar="SLUG", help="in place of --reference")
        parser.add_argument("--split", default="test", help="of the dataset (default: test)")
        parser.add_argument(
            "--candidate", action="append", default=[], metavar="SPEC", help="a row; give it once for each"
        )
        columns = "metric or metric:extractor, separated by commas; left out: what papers of the field report"
        parser.add_argument("--columns", default="", metavar="NAMES", help=columns)
        parser.add_argument("--name", default="", help="of the table")
        parser.add_argument(
            "--table", default="", metavar="ID", help="take this table again; candidates and columns replace its"
        )
        wait = "until the numbers are there; computes them here when no worker is running"
        parser.add_argument("--wait", action="store_true", help=wait)
        parser.add_argument("--format", choices=(*TEXTS, "json"), default="md", help="what to print (default: md)")
        parser.add_argument("-o", "--output", default="", metavar="FILE", help="write there instead of printing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            table = self._table(options)
            measured = services.table_measure(user=None, table=table, everything=True)
        except InputError as error:
            self.stderr.write(f"error: {error}")
            sys.exit(2)
        self.stderr.write(
            f"table {table.pk}: {len(measured.queued)} evaluations queued, {len(measured.reused)} existed"
        )
        if options["wait"]:
            try:
                self._wait(table)
            except KeyboardInterrupt:
                self.stderr.write("No longer waiting; what a worker has goes on.")
                sys.exit(1)
        elif measured.queued and not workers_alive(QueueName.BATCH):
            self.stderr.write("No batch worker is running; start the workbench (make run), or add --wait.")
        shown = table_shown(table, Everybody())
        for problem in filter(None, shown.problems):
            self.stderr.write(f"note: {problem}")
        self._give(shown, options)
        failed = [each for each in shown.evaluations if each.job.state == JobState.FAILED]
        for evaluation in failed:
            self.stderr.write(f"error: {evaluation}: {evaluation.job.message}")
        if failed:
            sys.exit(1)

    def _table(self, options: dict[str, Any]) -> PaperTable:
        columns = options["columns"].replace(",", " ").split() or None
        candidates = [_row(text) for text in options["candidate"]]
        if options["table"]:
            table = PaperTable.objects.filter(pk=_number(options["table"])).select_related("dataset").first()
            if table is None:
                raise InputError(f"There is no table {options['table']}.")
            services.table_change(
                user=None, table=table, name=options["name"] or None, candidates=candidates or None, columns=columns,
                everything=True,
            )  # fmt: skip
            return table
        reference = options["reference"] or ":".join([options["dataset"], options["split"], "sketch"])
        if not options["reference"] and not options["dataset"]:
            raise InputError("Name the real pictures: --reference cufs:test:sketch, or --dataset cufs.")
        return services.table_create(
            user=None, name=options["name"], reference=reference, candidates=candidates or ["photo", "pencil"],
            columns=columns, everything=True,
        )  # fmt: skip

    def _wait(self, table: PaperTable) -> None:
        bar = tqdm(total=100, unit="%", disable=not sys.stderr.isatty(), leave=False)
        told = False
        with bar:
            while live := table_shown(table, Everybody()).live:
                alone = not workers_alive(QueueName.BATCH)
                if alone and not told:
                    self.stderr.write("No batch worker is running; computing here.")
                    told = True
                job = live[0].job
                with working_here(job, active=alone):
                    while job.is_live:
                        time.sleep(POLL_SECONDS)
                        job.refresh_from_db()
                        bar.set_description(job.step or job.get_state_display())
                        bar.update(round(100 * table_shown(table, Everybody()).progress) - bar.n)

    def _give(self, shown: ShownTable, options: dict[str, Any]) -> None:
        if options["format"] == "json":
            told = [
                {"method": row.name, "candidate": str(row.spec), "column": str(cell.column), "value": cell.result.value,
                 "low": cell.result.low, "high": cell.result.high, "n_reference": cell.result.n_reference,
                 "n_candidate": cell.result.n_candidate, "protocol": cell.result.protocol, "mark": cell.mark.value}
                for row in shown.rows for cell in row.cells if cell.result
            ]  # fmt: skip
            text = json.dumps({"table": str(shown.table.pk), "numbers": told}) + "\n"
        else:
            text = TEXTS[options["format"]](shown)
        if not options["output"]:
            self.stdout.write(text, ending="")
            return
        try:
            write_whole(Path(options["output"]), text.encode())
        except OSError as error:
            self.stderr.write(f"error: {options['output']}: {error.strerror}")
            sys.exit(2)
        self.stderr.write(f"written: {options['output']}")


def _row(text: str) -> dict[str, str]:
    spec, _equals, label = text.partition(" = ")
    return {"set": spec.strip(), "label": label.strip()}


def _number(text: str) -> Any:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise InputError(f"{text!r} is no number of a table; it stands in the address of its page.") from None
