import csv
import io

import pytest

from evaluation.models import Result

URL = "/api/v1/results/"


@pytest.fixture
def results(submit, private_dataset):
    """Six numbers: three of one protocol, two of another, one over private pictures. Newest last."""
    rows = [
        ("faces:test:photo", "faces:test:sketch", "aaaaaaaaaaaa", 3.0),
        ("faces:train:sketch", "faces:test:sketch", "aaaaaaaaaaaa", 1.0),
        ("faces:all:sketch", "faces:test:sketch", "aaaaaaaaaaaa", 2.0),
        ("faces:test:photo", "faces:train:sketch", "000000000000", 50.0),
        ("faces:test:sketch", "faces:train:sketch", "000000000000", 40.0),
        ("secret:test:photo", "faces:test:sketch", "bbbbbbbbbbbb", 0.5),
    ]
    for candidate, reference, protocol, value in rows:
        evaluation = submit(candidate, reference)
        Result.objects.create(
            evaluation=evaluation, metric="fid", value=value, extractor=evaluation.extractor, protocol=protocol,
            protocol_detail={"metric": "fid", "input_size": [1, 2]}, n_reference=evaluation.n_reference,
            n_candidate=evaluation.n_candidate, reference_digest="r", candidate_digest="c",
            warnings=[{"code": "jpeg", "values": {"count": 3}}],
        )  # fmt: skip


def values(answer):
    return [row["value"] for row in answer.json()["results"]]


def test_reading_is_open_and_newest_first(results, visitor):
    answer = visitor.get(URL)
    assert values(answer) == [40, 50, 2, 1, 3]
    row = answer.json()["results"][-1]
    assert row["candidate"] == "faces:test:photo"
    assert row["direction"] == "lower"
    assert (row["low"], row["high"], row["floor"]) == (None, None, None)
    assert row["owner"] == "alice"
    assert row["warnings"][0]["text"].startswith("3 pictures are JPEG")


def test_interval_floor_and_details_are_answered(results, visitor):
    Result.objects.filter(value=3).update(low=2.5, high=3.75, floor=0.25, details={"resamples": 200})
    row = visitor.get(URL).json()["results"][-1]
    assert (row["low"], row["high"], row["floor"], row["details"]) == (2.5, 3.75, 0.25, {"resamples": 200})
    rows = list(csv.DictReader(io.StringIO(visitor.get(URL, {"format": "csv"}).content.decode())))
    assert (rows[-1]["low"], rows[-1]["high"], rows[-1]["floor"]) == ("2.5", "3.75", "0.25")


def test_private_results_are_for_the_signed_in(results, user, client_of):
    assert 0.5 in values(client_of(user).get(URL))


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"metric": "fid"}, 5), ({"metric": "kid"}, 0), ({"extractor": "tests.colours"}, 5),
        ({"extractor": "dlib.face128"}, 0), ({"dataset": "faces"}, 5), ({"dataset": "nowhere"}, 0),
        ({"protocol": "aaaaaaaaaaaa"}, 3), ({"mine": "true"}, 0),
    ],
)  # fmt: skip
def test_it_filters(query, count, results, visitor):
    assert visitor.get(URL, query).json()["count"] == count


def test_only_mine(results, user, stranger, client_of):
    assert client_of(user).get(URL, {"mine": "true"}).json()["count"] == 6
    assert client_of(stranger).get(URL, {"mine": "true"}).json()["count"] == 0


def test_values_are_ordered_inside_a_protocol_and_never_across(results, visitor):
    assert values(visitor.get(URL, {"ordering": "value"})) == [40, 50, 1, 2, 3]
    assert values(visitor.get(URL, {"ordering": "-value"})) == [50, 40, 3, 2, 1]
    assert values(visitor.get(URL, {"ordering": "value", "protocol": "aaaaaaaaaaaa"})) == [1, 2, 3]


def test_it_orders_by_time_and_size(results, visitor):
    assert values(visitor.get(URL, {"ordering": "created"})) == [3, 1, 2, 50, 40]
    sizes = [row["n_candidate"] for row in visitor.get(URL, {"ordering": "-n_candidate"}).json()["results"]]
    assert sizes == sorted(sizes, reverse=True)


def test_an_unknown_order_is_refused(results, visitor):
    answer = visitor.get(URL, {"ordering": "beauty"})
    assert answer.status_code == 400
    assert "beauty" in answer.json()["detail"]


def test_csv_has_every_row_and_one_line_of_names(results, visitor):
    answer = visitor.get(URL, {"format": "csv", "ordering": "value", "page_size": 1})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/csv")
    assert "results.csv" in answer["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [float(row["value"]) for row in rows] == [40, 50, 1, 2, 3]
    assert rows[0]["protocol"] == "000000000000"
    assert rows[0]["warnings"] == "jpeg"
    assert rows[0]["low"] == ""


def test_no_cell_can_become_a_formula(results, visitor, user):
    user.username = "=HYPERLINK(1)"
    user.save()
    rows = list(csv.DictReader(io.StringIO(visitor.get(URL, {"format": "csv"}).content.decode())))
    assert rows[0]["owner"] == "'=HYPERLINK(1)"


def test_a_refusal_stays_readable_in_csv(results, visitor):
    answer = visitor.get(URL, {"format": "csv", "ordering": "beauty"})
    assert answer.status_code == 400
    assert b"beauty" in answer.content


def test_it_pages_with_few_queries(results, visitor, django_assert_max_num_queries):
    with django_assert_max_num_queries(4):
        answer = visitor.get(URL, {"page_size": 2})
    assert answer.json()["count"] == 5
    assert len(answer.json()["results"]) == 2


def test_it_only_reads(results, user, client_of):
    assert client_of(user).post(URL, {}).status_code == 405
