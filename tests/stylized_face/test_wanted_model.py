"""The model that an address asks for is the one chosen on the sketch page."""

import re

import pytest

CHECKED = re.compile(r'name="model" value="([^"]*)" checked')


@pytest.mark.django_db
@pytest.mark.parametrize("wanted", ["pencil", "lines"])
def test_draw_with_it_chooses_that_model(client, wanted):
    assert CHECKED.findall(client.get("/sketch/", {"model": wanted}).content.decode()) == [wanted]


@pytest.mark.django_db
def test_an_unknown_model_leaves_the_default_and_the_page_leads_to_all_models(client):
    usual = CHECKED.findall(client.get("/sketch/").content.decode())
    page = client.get("/sketch/", {"model": "nonsense\x00"}).content.decode()
    assert len(usual) == 1 and CHECKED.findall(page) == usual
    assert 'href="/sketch/models/"' in page
