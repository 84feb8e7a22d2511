"""The model that ships draws unless another is chosen; without it the pencil does."""

import json

import pytest
from django.core.management import call_command
from PIL import Image

from stylized_face.models import Stylization
from stylized_face.offered import default_model, model_get, models_available, models_built_in
from workers.engine.catalogue import SHIPPED
from workers.models import JobState

pytestmark = pytest.mark.django_db
API = "/api/v1/stylizations/"


def test_without_it_the_pencil_is_the_default():
    assert default_model() == "pencil"
    assert [one.id for one in models_built_in()] == ["pencil", "lines"]


def test_with_it_it_comes_first_and_is_the_default(on_shelf):
    assert default_model() == on_shelf
    assert [one.id for one in models_available()] == [on_shelf, "pencil", "lines"]
    model = model_get(model=on_shelf)
    assert (model.kind, model.title, model.terms) == ("shipped", "Tiny portrait", "For research only.")
    assert "pix2pix.tiny, epoch 3" in model.provenance
    assert not model.draws_by_chance


def test_a_file_that_is_not_the_one_described_is_no_model(on_shelf):
    (SHIPPED[on_shelf].folder / "generator.safetensors").write_bytes(b"half of it")
    assert default_model() == "pencil"


def test_rest_draws_with_it_when_no_model_is_named(on_shelf, client, sent, portrait, run_jobs):
    answer = client.post(API, {"photo": sent(portrait)})
    assert answer.status_code == 202, answer.content
    assert answer.json()["model"] == on_shelf
    (job,) = run_jobs("interactive")
    assert job.state == JobState.SUCCEEDED, job.message + job.detail
    with Image.open(Stylization.objects.get().file("sketch")) as sketch:
        assert sketch.size == (400, 500)


def test_the_page_has_it_chosen(on_shelf, client, sent, portrait):
    page = client.get("/sketch/").content.decode()
    assert page.index(f'value="{on_shelf}"') < page.index('value="pencil"')
    client.post("/sketch/", {"photo": sent(portrait)})
    assert Stylization.objects.get().model == on_shelf


def test_the_command_draws_with_it(on_shelf, tmp_path, portrait, capsys):
    portrait.save(tmp_path / "me.png")
    call_command("stylize", str(tmp_path / "me.png"), "-o", str(tmp_path / "out.png"), "--json")
    assert json.loads(capsys.readouterr().out)["model"] == on_shelf


def test_its_card_is_shown_as_a_page_and_html_in_it_as_text(on_shelf, client):
    SHIPPED[on_shelf].card.write_text(
        "# Tiny\n\n## Terms\n**For research only.** <script>1</script>\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[x](javascript:1)"
    )
    answer = client.get(f"/sketch/models/{on_shelf}/card/")
    page = answer.content.decode()
    assert answer.status_code == 200 and "<h2>Terms</h2>" in page and "<td>2</td>" in page
    assert "<strong>For research only.</strong> &lt;script&gt;" in page and "<script>1" not in page
    assert "<h1>Tiny</h1>" not in page, "the page has a heading"
    assert 'href="javascript' not in page
    assert client.get("/sketch/models/pencil/card/").status_code == 404


def test_its_jobs_are_alike_and_those_of_the_pencil_are_not(on_shelf, create):
    assert create(model=on_shelf).job.alike == create(model=on_shelf).job.alike != ""
    assert create(model="pencil").job.alike == ""


def test_a_new_worker_loads_it_before_the_first_visitor(on_shelf, settings):
    from stylized_face.jobs import renderers, warm_up

    renderers._kept.clear()
    warm_up()
    assert len(renderers._kept.keys) == 1
