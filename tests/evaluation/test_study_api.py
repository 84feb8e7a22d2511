"""GET study/: the same numbers as on the pages, as JSON, CSV and LaTeX."""

import csv
import io

import pytest
from rest_framework import serializers

from datasetviewer.models import Dataset
from evaluation.api import study_outputs
from tests.evaluation.study_rows import add_values, make_checkpoints, make_run

KINDS = ("curve", "scatter", "choice", "comparison")
OUTPUTS = {
    "curve": study_outputs.CurveOutput, "scatter": study_outputs.ScatterOutput, "choice": study_outputs.ChoiceOutput,
    "comparison": study_outputs.ComparisonOutput,
}  # fmt: skip


@pytest.fixture
def dataset(db):
    return Dataset.objects.create(slug="faces", name="Faces", layout="folders", public=True)


@pytest.fixture
def studied(dataset, user):
    """Two runs of ten checkpoints with FID and KID on the test, FID also on validation; a jump in the first."""
    runs = []
    for seed in (0, 1):
        run = make_run(dataset, user, name=f"=seed_{seed} & co", seed=seed)
        checkpoints = make_checkpoints(run, range(10, 110, 10))
        fid = [100 - 5 * place + seed + (40 if place == 6 and not seed else 0) for place in range(10)]
        add_values(checkpoints, fid, half=3.0, floor=12.5)
        add_values(checkpoints, [value / 100 for value in fid], metric="kid")
        add_values(checkpoints, [value * 2 for value in fid], split="validation", n=28)
        runs.append(run)
    return runs


@pytest.fixture
def get(visitor, studied):
    def get(kind, status=200, **query):
        answer = visitor.get(f"/api/v1/study/{kind}/", {"run": [str(run.pk) for run in studied], **query})
        assert answer.status_code == status, answer.content
        return answer

    return get


def fits(value, field) -> None:
    """A value has exactly the entries that the schema promises."""
    if isinstance(field, serializers.ListSerializer):
        for each in value:
            fits(each, field.child)
    elif isinstance(field, serializers.Serializer) and value is not None:
        assert set(value) == set(field.fields), type(field).__name__
        for name, inner in field.fields.items():
            fits(value[name], inner)


@pytest.mark.parametrize("kind", KINDS)
def test_answers_have_the_entries_that_the_schema_promises(kind, get):
    fits(get(kind).json(), OUTPUTS[kind]())


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_study_is_an_answer_too(kind, visitor, db):
    answer = visitor.get(f"/api/v1/study/{kind}/")
    assert answer.status_code == 200
    fits(answer.json(), OUTPUTS[kind]())


def test_a_curve_tells_values_intervals_floor_and_jumps(get):
    data = get("curve", metric="fid", extractor="inception.mixed6e").json()
    first = data["runs"][0]
    assert (data["floor"], data["scale"]["on"], data["measure"]["direction"]) == (12.5, "faces:test", "lower")
    assert first["points"][0] | {"checkpoint": "", "evaluation": "", "url": ""} == {
        "checkpoint": "", "epoch": 10, "step": 1000, "value": 100.0, "low": 97.0, "high": 103.0, "evaluation": "", "url": "",
    }  # fmt: skip
    assert [(jump["epoch_before"], jump["epoch_after"]) for jump in first["jumps"]] == [(60, 70), (70, 80)]
    assert data["runs"][1]["jumps"] == []
    other = get("curve", measure="fid:inception.mixed6e", protocol=data["scales"][1]["key"]).json()
    assert other["runs"][0]["points"][0]["value"] == 200.0


def test_a_scatter_tells_how_well_two_measures_agree(get):
    data = get("scatter", x="fid:inception.mixed6e", y="kid:inception.mixed6e").json()
    everything = data["agreement"][0]
    assert (everything["run"], everything["values"]["n"], everything["differences"]["n"]) == (None, 20, 18)
    assert everything["values"]["kendall"]["value"] == pytest.approx(1)
    assert not everything["values"]["few"]
    assert data["agreement"][1]["values"]["few"]


def test_a_choice_tells_the_test_value_of_the_chosen_alone(get):
    data = get("choice", measure="fid:inception.mixed6e", k=2).json()
    assert (data["on"], data["leak"], data["test_on"]) == ("faces:validation", "", "faces:test")
    assert [candidate["test"] for candidate in data["candidates"][:3]] == [[55.0], [56.0], []]
    leak = get("choice", measure="fid:inception.mixed6e", on="faces:test").json()
    assert leak["leak"] == "test"
    assert not any(candidate["test"] for candidate in leak["candidates"])


def test_a_comparison_joins_seeds_and_can_keep_them_apart(get):
    (group,) = get("comparison", measure="fid:inception.mixed6e").json()["groups"]
    assert group["values"][0]["last"] == {"mean": 55.5, "deviation": pytest.approx(0.5**0.5), "n": 2}
    assert len(get("comparison", seeds="apart").json()["groups"]) == 2


@pytest.mark.parametrize(
    ("kind", "rows"), [("curve", 20), ("scatter", 20), ("choice", 20), ("comparison", 1)]
)  # fmt: skip
def test_csv_has_a_row_for_each_and_no_formula(kind, rows, get):
    answer = get(kind, format="csv")
    assert answer["Content-Type"].startswith("text/csv")
    assert f"{kind}.csv" in answer["Content-Disposition"]
    table = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert len(table) == rows
    assert not any(cell.startswith("=") for row in table for cell in row.values())


def test_latex_is_escaped_and_says_what_was_measured(get):
    text = get("comparison", format="tex", measure="fid:inception.mixed6e", seeds="apart").content.decode()
    assert r"=seed\_0 \& co & 1 & \textbf{55} \\" in text
    assert r"FID · inception.mixed6e $\downarrow$" in text
    assert "% fid:inception.mixed6e: faces:test against faces:test:sketch" in text


def test_runs_may_be_written_with_commas(visitor, studied):
    runs = ",".join(str(run.pk) for run in studied)
    assert len(visitor.get("/api/v1/study/curve/", {"run": runs}).json()["runs"]) == 2


@pytest.mark.parametrize(
    ("kind", "query", "said"),
    [
        ("curve", {"metric": "beauty"}, "Known"), ("curve", {"protocol": "nothing"}, "Known"),
        ("curve", {"metrics": "fid"}, "no parameter 'metrics'"), ("curve", {"run": "x"}, "no number of a training run"),
        ("scatter", {"x": "beauty:a"}, "Known"), ("scatter", {"y_protocol": "nothing"}, "Known"),
        ("choice", {"k": "many"}, "no whole number"), ("choice", {"k": "11"}, "between 1 and 10"),
        ("choice", {"rule": "feeling"}, "rank_sum, pareto"), ("choice", {"on": "faces:moon"}, "Known"),
        ("comparison", {"measure": "beauty"}, "Known"), ("comparison", {"format": "tex", "protocol": "x"}, "Known"),
    ],
)  # fmt: skip
def test_bad_wishes_are_refused_in_words(kind, query, said, get):
    assert said in get(kind, 400, **query).content.decode()


@pytest.mark.parametrize("kind", KINDS)
def test_runs_that_one_may_not_see_do_not_exist(kind, visitor, user, client_of):
    secret = make_run(Dataset.objects.create(slug="secret", name="Secret", layout="folders"), user)
    add_values(make_checkpoints(secret, [1, 2]), [2.0, 1.0])
    address = f"/api/v1/study/{kind}/"
    assert "not visible" in visitor.get(address, {"run": str(secret.pk)}).json()["detail"]
    assert client_of(user).get(address, {"run": str(secret.pk)}).status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_it_only_reads(kind, client_of, user):
    assert client_of(user).post(f"/api/v1/study/{kind}/", {}).status_code == 405
