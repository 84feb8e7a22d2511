"""API tokens: hashed in the database, refused when wrong or expired, made and revoked on the account page."""

import hashlib
from datetime import timedelta

import pytest
from django.utils import timezone

from mysite.access.models import ApiToken
from mysite.access.services import expired_delete, token_create, token_owner

pytestmark = pytest.mark.django_db


def ask(client, authorization):
    """Something that only a signed-in caller may do, on an object that is not there: 404 means let in, 401 refused."""
    return client.post("/api/v1/jobs/00000000-0000-4000-8000-000000000000/cancel/", HTTP_AUTHORIZATION=authorization)


def test_a_token_lets_in(client, user):
    _row, key = token_create(user=user, name="laptop")
    assert ask(client, f"Bearer {key}").status_code == 404
    assert ask(client, f"Token {key}").status_code == 404


def test_only_the_digest_is_stored(user):
    row, key = token_create(user=user, name="laptop")
    stored = {str(value) for value in ApiToken.objects.values_list().get()}
    assert key not in stored and hashlib.sha256(key.encode()).hexdigest() in stored
    assert key.startswith(row.hint) and len(row.hint) <= 8


@pytest.mark.parametrize(
    "authorization", ["Bearer fsw_wrong", "Bearer", "Bearer two words", "Bearer \u00fc", "Token x"]
)
def test_a_wrong_token_is_refused_with_what_to_do(client, authorization):
    answer = ask(client, authorization)
    assert answer.status_code == 401 and answer["WWW-Authenticate"] == "Bearer"
    assert answer["Content-Type"] == "application/problem+json"
    assert "token" in answer.json()["detail"].lower()


def test_a_wrong_token_is_refused_for_reading_too(client):
    assert client.get("/api/v1/jobs/", HTTP_AUTHORIZATION="Bearer fsw_wrong").status_code == 401


def test_an_expired_token_is_refused(client, user):
    _row, key = token_create(user=user, name="old", life=timedelta(seconds=-1))
    assert ask(client, f"Bearer {key}").status_code == 401


def test_the_token_of_a_user_who_was_switched_off_is_refused(client, user):
    _row, key = token_create(user=user, name="laptop")
    user.is_active = False
    user.save()
    assert ask(client, f"Bearer {key}").status_code == 401


def test_the_last_use_is_noted_at_most_once_a_minute(user, django_assert_num_queries):
    row, key = token_create(user=user, name="laptop")
    token_owner(key=key)
    row.refresh_from_db()
    assert timezone.now() - row.last_used < timedelta(seconds=10)
    with django_assert_num_queries(1):
        token_owner(key=key)


def test_tokens_long_expired_are_forgotten(user):
    token_create(user=user, name="ancient", life=timedelta(days=-31))
    token_create(user=user, name="recent", life=timedelta(days=-1))
    expired_delete()
    assert [token.name for token in ApiToken.objects.all()] == ["recent"]


def test_the_account_page_shows_a_new_key_once(client, user):
    client.force_login(user)
    page = client.post("/account/tokens/", {"name": "training laptop"})
    key = page.context["new_key"]
    assert page.status_code == 201 and key in page.content.decode() and "curl" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert ask(client, f"Bearer {key}").status_code == 404
    again = client.get("/account/").content.decode()
    assert key not in again and "training laptop" in again and key[:8] in again


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_token_without_a_proper_name_is_not_made(client, user, name):
    client.force_login(user)
    page = client.post("/account/tokens/", {"name": name})
    assert page.status_code == 400 and b"invalid-feedback" in page.content
    assert not ApiToken.objects.exists()


def test_a_revoked_token_stops_working_at_once(client, user):
    row, key = token_create(user=user, name="laptop")
    client.force_login(user)
    assert client.post(f"/account/tokens/{row.id}/revoke/").url == "/account/"
    client.logout()
    assert ask(client, f"Bearer {key}").status_code == 401


def test_nobody_revokes_the_token_of_another(client, user, stranger):
    row, key = token_create(user=user, name="night run")
    client.force_login(stranger)
    assert client.post(f"/account/tokens/{row.id}/revoke/").status_code == 404
    assert token_owner(key=key) is not None
    assert b"night run" not in client.get("/account/").content


@pytest.mark.parametrize("address", ["/account/tokens/", "/account/tokens/1/revoke/", "/account/password/"])
def test_account_actions_take_posts_of_signed_in_users_only(client, user, address):
    assert client.post(address).url.startswith("/account/sign-in/?next=")
    client.force_login(user)
    assert client.get(address).status_code == 405
