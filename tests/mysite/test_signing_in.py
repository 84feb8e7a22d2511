"""Signing in by password and by one-time link, signing out, setting a password."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.utils import timezone

from mysite.access.models import FailedSignIn, SignInLink
from mysite.access.services import first_admin, link_create, link_use
from mysite.access.tries import TRIES, WINDOW, tries_wait

pytestmark = pytest.mark.django_db
PASSWORD = "graphite-on-paper"


def signed_in_as(client):
    user_id = client.session.get("_auth_user_id")
    return get_user_model().objects.get(pk=user_id).username if user_id else None


def try_password(client, password, username="alice", **headers):
    return client.post("/account/sign-in/", {"username": username, "password": password}, **headers)


def test_the_password_signs_in_and_leads_back(client, user):
    assert client.get("/account/").url == "/account/sign-in/?next=/account/"
    page = client.get("/account/sign-in/?next=/account/")
    assert b'name="next" value="/account/"' in page.content
    answer = client.post("/account/sign-in/", {"username": "alice", "password": PASSWORD, "next": "/account/"})
    assert answer.url == "/account/" and signed_in_as(client) == "alice"


@pytest.mark.parametrize("next_address", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_it_leads_to_no_other_site(client, user, next_address):
    answer = client.post("/account/sign-in/", {"username": "alice", "password": PASSWORD, "next": next_address})
    assert answer.url == "/"


def test_a_wrong_password_is_told_without_saying_whether_the_name_exists(client, user):
    wrong = try_password(client, "wrong").context["form"].non_field_errors()
    unknown = try_password(client, "wrong", username="nobody").context["form"].non_field_errors()
    assert wrong == unknown and wrong
    assert signed_in_as(client) is None


def test_an_empty_form_names_the_fields(client):
    errors = client.post("/account/sign-in/", {}).context["form"].errors
    assert {"username", "password"} <= set(errors)


def test_ten_wrong_passwords_make_the_right_one_wait(client, user):
    for _number in range(TRIES):
        assert b"wait" not in try_password(client, "wrong").content
    page = try_password(client, PASSWORD)
    assert signed_in_as(client) is None and b"wait 10 minutes" in page.content
    FailedSignIn.objects.update(created=timezone.now() - WINDOW + timedelta(seconds=50))
    assert b"wait 1 minute," in try_password(client, PASSWORD).content
    FailedSignIn.objects.update(created=timezone.now() - WINDOW - timedelta(seconds=1))
    try_password(client, PASSWORD)
    assert signed_in_as(client) == "alice"


def test_the_wait_is_for_one_name_from_one_address(client, user, stranger):
    for _number in range(TRIES):
        try_password(client, "wrong", username="ALICE")
    assert tries_wait(address="127.0.0.1", username="alice")
    try_password(client, PASSWORD, username="bob")
    assert signed_in_as(client) == "bob"
    client.logout()
    try_password(client, PASSWORD, REMOTE_ADDR="10.0.0.9")
    assert signed_in_as(client) == "alice"


def test_the_right_password_ends_the_count(client, user):
    for _number in range(TRIES - 1):
        try_password(client, "wrong")
    try_password(client, PASSWORD)
    assert not FailedSignIn.objects.exists()


def test_a_user_who_was_switched_off_does_not_get_in(client, user):
    user.is_active = False
    user.save()
    try_password(client, PASSWORD)
    assert signed_in_as(client) is None


def test_sign_out_takes_a_post(client, user):
    client.force_login(user)
    assert client.get("/account/sign-out/").status_code == 405
    assert signed_in_as(client) == "alice"
    client.post("/account/sign-out/")
    assert signed_in_as(client) is None


def test_looking_at_a_link_does_not_use_it_up(client, user):
    address = f"/account/link/{link_create(user=user)}/"
    for _number in range(3):
        page = client.get(address)
        assert page.status_code == 200 and b"alice" in page.content
    client.head(address)
    assert signed_in_as(client) is None
    client.post(address)
    assert signed_in_as(client) == "alice"


def test_a_link_signs_in_once(client, user):
    address = f"/account/link/{link_create(user=user)}/"
    client.post(address)
    client.logout()
    for again in (client.post(address), client.get(address)):
        assert again.status_code == 410 and b"no longer works" in again.content
    assert signed_in_as(client) is None


def test_of_two_who_use_a_link_at_once_one_gets_in(user):
    key = link_create(user=user)
    assert [link_use(key=key), link_use(key=key)] == [user, None]


def test_an_expired_or_unknown_link_says_what_to_do(client, user):
    expired = link_create(user=user)
    SignInLink.objects.update(expires=timezone.now() - timedelta(seconds=1))
    for key in (expired, "made-up"):
        for page in (client.get(f"/account/link/{key}/"), client.post(f"/account/link/{key}/")):
            assert page.status_code == 410 and b"manage.py sign_in_link" in page.content
    assert signed_in_as(client) is None


def test_the_link_itself_is_not_stored(user):
    key = link_create(user=user)
    assert key not in str(SignInLink.objects.values_list().get())


def test_a_first_password_is_set_without_an_old_one(client):
    admin = first_admin()
    client.force_login(admin)
    fields = {"new_password1": "chalk-and-charcoal", "new_password2": "chalk-and-charcoal"}
    assert client.post("/account/password/", fields).url == "/account/"
    assert client.get("/account/").status_code == 200  # still signed in
    admin.refresh_from_db()
    assert admin.check_password("chalk-and-charcoal")


def test_a_password_is_changed_with_the_old_one_only(client, user):
    client.force_login(user)
    fields = {"new_password1": "chalk-and-charcoal", "new_password2": "chalk-and-charcoal"}
    assert client.post("/account/password/", fields).status_code == 400
    assert client.post("/account/password/", fields | {"old_password": "wrong"}).status_code == 400
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert client.post("/account/password/", fields | {"old_password": PASSWORD}).url == "/account/"


@pytest.mark.parametrize(
    ("first", "second"), [("short", "short"), ("password", "password"), ("chalk-and-charcoal", "other")]
)
def test_a_poor_password_is_refused(client, user, first, second):
    client.force_login(user)
    page = client.post(
        "/account/password/", {"old_password": PASSWORD, "new_password1": first, "new_password2": second}
    )
    assert page.status_code == 400 and b"invalid-feedback" in page.content


def printed_link(*arguments):
    out = StringIO()
    call_command("sign_in_link", *arguments, stdout=out)
    return out.getvalue().strip()


def test_the_command_prints_a_link_that_works(client):
    link = printed_link("--base-url", "http://testserver/")
    assert link.startswith("http://testserver/account/link/")
    client.post(link.removeprefix("http://testserver"))
    assert signed_in_as(client) == "admin"


def test_the_command_makes_links_for_a_named_user_as_json(client, user):
    answer = json.loads(printed_link("--user", "alice", "--json"))
    assert answer["user"] == "alice"
    client.post(answer["link"].removeprefix("http://127.0.0.1:8000"))
    assert signed_in_as(client) == "alice"


@pytest.mark.parametrize("arguments", [("--user", "nobody"), ("--base-url", "example.org")])
def test_the_command_refuses_what_it_cannot_use(arguments):
    with pytest.raises(CommandError, match=r"no user|must begin with"):
        printed_link(*arguments)
