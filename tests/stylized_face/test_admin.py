"""The administration lists sketches and changes none."""

import pytest

pytestmark = pytest.mark.django_db


def test_staff_see_the_list_and_one_sketch_read_only(client, staff, create):
    stylization = create(visitor="secret-digest")
    client.force_login(staff)
    assert str(stylization.id) in client.get("/admin/stylized_face/stylization/").content.decode()
    page = client.get(f"/admin/stylized_face/stylization/{stylization.id}/change/").content.decode()
    assert "secret-digest" not in page
    assert 'name="_save"' not in page
    assert client.get("/admin/stylized_face/stylization/add/").status_code == 403
    assert client.post(f"/admin/stylized_face/stylization/{stylization.id}/delete/").status_code == 403
