import re

import pytest
from django.urls import reverse

from evaluation.models import Evaluation, Result
from tests.evaluation.conftest import EXTRACTOR
from tests.evaluation.test_api_results import results  # noqa: F401  (the same rows, as a fixture)
from workers.engine import catalogue
from workers.models import Job, JobState

NEW = "/evaluations/new/"


@pytest.fixture
def choice():
    return {
        "reference_dataset": "faces", "reference_split": "test", "reference_modality": "sketch", "reference_source": "",
        "candidate_dataset": "faces", "candidate_split": "test", "candidate_modality": "photo",
        "candidate_source": "CUHK", "extractor": EXTRACTOR, "metrics": "fid",
    }  # fmt: skip


def text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_the_lists_say_the_next_step_while_they_are_empty(db, client):
    for address in ("/evaluations/", "/results/"):
        response = client.get(address)
        assert response.status_code == 200
        assert NEW in response.content.decode()


def test_the_form_counts_the_pictures_before_anything_is_sent(dataset, client, choice):
    shown = text(client.get(NEW, choice))
    assert "faces:test:sketch 10 pictures" in shown
    assert "faces:test:photo:CUHK 12 pictures" in shown
    assert "different sizes (10 and 12)" in shown


def test_the_counts_alone_follow_a_choice_and_the_address_with_them(dataset, client, choice):
    choice["reference_modality"] = "caricature"
    response = client.get(f"{NEW}counts/", choice)
    assert "holds 0 pictures" in text(response)
    assert "<html" not in response.content.decode()
    assert "reference_modality=caricature" in response["HX-Replace-Url"]


@pytest.mark.parametrize("value", ["nonsense", "", "<script>alert(1)</script>"])
def test_the_form_survives_nonsense_in_the_address(value, dataset, client, choice):
    for field in choice:
        response = client.get(NEW, choice | {field: value})
        assert response.status_code == 200
        assert "<script>alert" not in response.content.decode()


def test_missing_weights_show_at_the_extractor(dataset, client, choice):
    shown = text(client.get(NEW, choice | {"extractor": "inception.mixed6e"}))
    assert "Its weights are not here yet" in shown
    assert "manage.py add_weights inception.mixed6e FILE" in shown


def test_the_form_submits(dataset, user, client, choice):
    client.force_login(user)
    response = client.post(NEW, choice)
    evaluation = Evaluation.objects.get()
    assert response.url == reverse("evaluation:evaluation-detail", args=[evaluation.id])
    assert evaluation.owner == user
    again = client.post(NEW, choice, follow=True)
    assert "submitted before" in text(again)
    assert Evaluation.objects.count() == 1


def test_the_form_refuses_with_a_sentence_and_keeps_the_choice(dataset, user, client, choice):
    client.force_login(user)
    response = client.post(NEW, choice | {"candidate_modality": "caricature"})
    assert response.status_code == 400
    assert "holds 0 pictures" in text(response)
    assert '<option value="caricature" selected>' in response.content.decode()
    assert not Job.objects.exists()


def test_a_visitor_is_sent_to_sign_in_and_comes_back_to_the_choice(dataset, client, choice):
    assert "Sign in to submit" in text(client.get(NEW, choice))
    response = client.post(NEW, choice)
    assert response.status_code == 302
    assert "candidate_source%3DCUHK" in response.url
    assert not Evaluation.objects.exists()


def test_the_page_follows_a_live_evaluation(submit, user, client):
    evaluation = submit()
    client.force_login(user)
    page = client.get(f"/evaluations/{evaluation.id}/").content.decode()
    poll = re.search(r'hx-get="([^"]+)" hx-trigger="every 1s"', page).group(1)
    assert client.get(poll).status_code == 200
    Job.objects.update(state=JobState.SUCCEEDED)
    assert client.get(poll).status_code == 286
    assert "hx-trigger" not in client.get(f"/evaluations/{evaluation.id}/").content.decode()


def test_the_page_shows_the_number_its_protocol_and_the_same_request(results, user, client):  # noqa: F811
    evaluation = Evaluation.objects.get(results__value=3.0)
    response = client.get(f"/evaluations/{evaluation.id}/")
    shown = text(response)
    assert "FID 3" in shown and "lower is better" in shown and "aaaaaaaaaaaa" in shown
    assert "12 candidate, 10 reference" in shown
    assert "3 pictures are JPEG" in shown
    assert "curl -X POST http://testserver/api/v1/evaluations/" in shown
    assert "manage.py evaluate --reference faces:test:sketch --candidate faces:test:photo" in shown
    assert "?protocol=aaaaaaaaaaaa" in response.content.decode()


def test_the_python_snippet_is_the_same_request(submit, user, client, monkeypatch):
    from evaluation.snippets import evaluation as snippets

    evaluation = submit()
    code = next(snippet.text for snippet in snippets.of(evaluation, "http://here/api/") if snippet.title == "Python")
    sent = {}

    class Requests:
        @staticmethod
        def post(url, headers, json):
            sent.update(json, url=url)
            return type("Answer", (), {"json": lambda self: {"state": "succeeded", "results": []}})()

    import sys

    monkeypatch.setitem(sys.modules, "requests", Requests)
    exec(compile(code, "snippet", "exec"), {})
    assert sent.pop("url") == "http://here/api/"
    assert sent == {
        "reference": evaluation.reference,
        "candidate": evaluation.candidate,
        "extractor": EXTRACTOR,
        "metrics": ["fid"],
    }


def test_the_owner_cancels_on_the_page_and_a_stranger_does_not(submit, user, stranger, client):
    evaluation = submit()
    address = reverse("evaluation:evaluation-cancel", args=[evaluation.id])
    client.force_login(stranger)
    assert address not in client.get(f"/evaluations/{evaluation.id}/").content.decode()
    assert client.post(address).status_code == 403
    assert Job.objects.get().state == JobState.QUEUED
    client.force_login(user)
    assert address in client.get(f"/evaluations/{evaluation.id}/").content.decode()
    assert client.get(address).status_code == 405
    assert "is cancelled" in text(client.post(address, follow=True))
    assert Job.objects.get().state == JobState.CANCELLED
    assert "nothing to cancel" in text(client.post(address, follow=True))


def test_private_evaluations_do_not_exist_for_visitors(submit, private_dataset, user, client):
    evaluation = submit("secret:test:photo")
    assert client.get(f"/evaluations/{evaluation.id}/").status_code == 404
    assert "secret" not in client.get("/evaluations/").content.decode()
    client.force_login(user)
    assert "secret:test:photo" in client.get("/evaluations/").content.decode()
    assert client.get(f"/evaluations/{evaluation.id}/").status_code == 200


def test_results_stand_in_blocks_of_one_protocol(results, client):  # noqa: F811
    page = client.get("/results/").content.decode()
    blocks = re.findall(r"<tbody.*?</tbody>", page, flags=re.S)
    assert len(blocks) == 2
    for block in blocks:
        shown = [float(value) for value in re.findall(r"<strong>([\d.]+)</strong>", block)]
        assert shown == sorted(shown)
    assert "bbbbbbbbbbbb" not in page  # private
    assert page.count("lower is better") >= 2


def test_results_sort_filter_and_keep_it_in_the_address(results, client):  # noqa: F811
    page = client.get("/results/", {"ordering": "-value", "protocol": "aaaaaaaaaaaa"}).content.decode()
    assert re.findall(r"<strong>([\d.]+)</strong>", page) == ["3", "2", "1"]
    assert 'aria-sort="descending"' in page
    sort = re.search(r'class="sort-link" href="([^"]+)">Value', page).group(1)
    assert "ordering=value" in sort and "protocol=aaaaaaaaaaaa" in sort
    csv = re.search(r'href="(/api/v1/results/[^"]+)"', page).group(1).replace("&amp;", "&")
    assert client.get(csv).content.decode().count("aaaaaaaaaaaa") == 3
    assert "No result fits" in text(client.get("/results/", {"metric": "kid"}))
    assert client.get("/results/", {"ordering": "nonsense", "page": "x"}).status_code == 200


def test_the_longest_bar_is_the_largest_value_of_its_block(results, client):  # noqa: F811
    page = client.get("/results/", {"protocol": "aaaaaaaaaaaa"}).content.decode()
    assert re.findall(r'<rect width="([\d.]+)"', page) == ["33.33", "66.67", "100.00"]


def test_an_interval_and_a_floor_are_drawn_and_written(results, user, client):  # noqa: F811
    details = {"resamples": 200, "floor_n1": 5, "floor_n2": 5, "floor_repeats": 10, "subset_std": 0.125}
    Result.objects.filter(value=2).update(low=1.5, high=4.0, floor=0.4, details=details)
    page = client.get("/results/", {"protocol": "aaaaaaaaaaaa"}).content.decode()
    assert re.findall(r'<rect width="([\d.]+)"', page) == ["25.00", "50.00", "75.00"]  # the end of the interval has 100
    assert 'class="error-bar" d="M37.50 5H100.00M37.50 2V8M100.00 2V8"' in page
    assert page.count("error-bar") == 1
    assert 'class="floor-mark" d="M10.00 0V10"' in page
    assert "1.5 – 4" in page and '<td class="text-nowrap">0.4</td>' in page
    shown = text(client.get(f"/evaluations/{Evaluation.objects.get(results__value=2.0).id}/"))
    assert "95 % interval 1.5 – 4" in shown and "from 200 resamplings" in shown
    assert "Real against real 0.4" in shown and "between 5 and 5 real pictures" in shown
    assert "Standard deviation over subsets 0.125" in shown


def test_the_form_offers_every_metric_and_keeps_the_choice(dataset, user, client, choice):
    page = client.get(NEW, choice).content.decode()
    assert re.findall(r'name="metrics" [^>]*value="([\w.]+)"', page) == list(catalogue.METRICS)
    assert re.findall(r'name="metrics" [^>]*value="(\w+)"[^>]* checked', page) == ["fid"]
    unbiased = text(client.get(f"{NEW}counts/", choice | {"metrics": ["kid"]}))
    assert "different sizes" not in unbiased
    client.force_login(user)
    client.post(NEW, choice | {"metrics": ["kid", "coverage"]})
    assert Evaluation.objects.get().metrics == ["kid", "coverage"]


def test_a_set_too_small_for_a_metric_is_said_before_and_refused(dataset, user, client, choice):
    keep = list(dataset.images.filter(modality="photo").values_list("id", flat=True)[:5])
    dataset.images.filter(modality="photo").exclude(id__in=keep).delete()
    said = "density needs at least 6 pictures in each set; this one holds 5"
    assert said in text(client.get(f"{NEW}counts/", choice | {"metrics": ["fid", "density"]}))
    client.force_login(user)
    response = client.post(NEW, choice | {"metrics": ["fid", "density"]})
    assert response.status_code == 400 and said in text(response)
    assert not Job.objects.exists()


def test_pages_need_few_queries(results, client, django_assert_max_num_queries):  # noqa: F811
    for address, limit in (("/results/", 10), ("/evaluations/", 8)):
        with django_assert_max_num_queries(limit):
            client.get(address)


def test_no_inline_script_or_style_is_written(results, user, client, choice):  # noqa: F811
    client.force_login(user)
    evaluation = Evaluation.objects.first()
    for address in ("/results/", "/evaluations/", NEW, f"/evaluations/{evaluation.id}/"):
        page = client.get(address).content.decode()
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=", page)
        assert not re.search(r"<script(?![^>]*\bsrc=)", page)


def test_the_admin_shows_them(results, staff, client):  # noqa: F811
    client.force_login(staff)
    evaluation = Evaluation.objects.first()
    for address in ("evaluation/", "result/", f"evaluation/{evaluation.id}/change/"):
        assert client.get(f"/admin/evaluation/{address}").status_code == 200
