"""What the batch worker does for the choice of a recogniser: test all on the pictures to choose by, then the best once."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from evaluation.models import RecogniserChoice, RecognitionTest, RecognitionValue
from evaluation.recognition import plan_of, task_from_json
from evaluation.services.recogniser_choices import chosen_write, ranking_write
from evaluation.services.recognitions import recognition_submit
from workers.context import JobContext
from workers.models import JobState


def choose(context: JobContext) -> None:
    """The tests are jobs of their own, which any worker takes; the handler is called again when they have succeeded."""
    choice = RecogniserChoice.objects.select_related("owner").get(id=context.arguments["choice"])
    validation = task_from_json(choice.validation)
    context.report(0.0, _("testing on the pictures to choose by"))
    plan = plan_of(validation, everything=True)
    tests: list[RecognitionTest] = []
    for name in choice.extractors:  # no stop in between: `wait_for` ends what was put in together with this job
        test, _created = recognition_submit(
            user=choice.owner, task=validation, extractors=[name], everything=True, plan=plan
        )
        tests.append(test)
    context.wait_for([test.job for test in tests if test.job.state != JobState.SUCCEEDED])
    ranking = _ranked(choice, tests)
    ranking_write(choice=choice, ranking=ranking)
    context.report(0.7, _("testing the chosen one"))
    best, _created = recognition_submit(
        user=choice.owner, task=task_from_json(choice.task), extractors=[ranking[0]["extractor"]], everything=True
    )
    context.wait_for([best.job] if best.job.state != JobState.SUCCEEDED else [])
    with context.finish(_("chosen: %(extractor)s") % {"extractor": ranking[0]["extractor"]}):
        chosen_write(choice=choice, test=best)


def _ranked(choice: RecogniserChoice, tests: list[RecognitionTest]) -> list[dict[str, Any]]:
    """Best first; equal ones in the order given, so that the first named is preferred."""
    values = dict(
        RecognitionValue.objects.filter(test__in=tests, part="", measure=choice.measure).values_list("test_id", "value")
    )
    rows = [
        {"extractor": name, "test": str(test.pk), "value": values[test.pk]}
        for name, test in zip(choice.extractors, tests, strict=True)
    ]
    return sorted(rows, key=lambda row: -float(str(row["value"])))
