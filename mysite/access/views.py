"""Pages of an account: sign in by password or one-time link, sign out, password, API tokens."""

from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mysite.access import selectors, services
from mysite.access.forms import SignInForm, TokenForm

BACKEND = "django.contrib.auth.backends.ModelBackend"
GONE = 410


def wanted_next(request: HttpRequest) -> str:
    """The address of this site to go to after signing in; home when another site is named."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return wanted
    return resolve_url(settings.LOGIN_REDIRECT_URL)


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(wanted_next(request))
    form = SignInForm(request, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        login(request, form.get_user())
        return redirect(wanted_next(request))
    return render(request, "access/sign_in.html", {"form": form, "next": wanted_next(request)})


@never_cache
@require_http_methods(["GET", "POST"])
def link(request: HttpRequest, key: str) -> HttpResponse:
    """A one-time link. Looking changes nothing, so that a preview in a chat does not use it up; the button signs in."""
    if request.method == "POST":
        user = services.link_use(key=key)
        if user is not None:
            login(request, user, backend=BACKEND)
            messages.success(request, _("You are signed in as %(name)s.") % {"name": user.get_username()})
            return redirect(settings.LOGIN_REDIRECT_URL)
        return render(request, "access/link_gone.html", status=GONE)
    found = selectors.link_usable(key=key)
    if found is None:
        return render(request, "access/link_gone.html", status=GONE)
    return render(request, "access/link.html", {"name": found.user.get_username()})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    messages.success(request, _("You are signed out."))
    return redirect(settings.LOGOUT_REDIRECT_URL)


def password_form(request: HttpRequest, data: Any = None) -> SetPasswordForm:
    """Change a password by giving the old one; an account that came by a link and has none sets its first."""
    user = cast(User, request.user)
    form = PasswordChangeForm if user.has_usable_password() else SetPasswordForm
    return form(user, data)


def account_page(request: HttpRequest, status: int = 200, **parts: Any) -> HttpResponse:
    context = {
        "tokens": selectors.tokens_of(user=request.user),
        "token_form": TokenForm(),
        "password_form": password_form(request),
        "token_days": services.TOKEN_LIFE.days,
    }
    return render(request, "access/account.html", context | parts, status=status)


@never_cache
@login_required
@require_GET
def account(request: HttpRequest) -> HttpResponse:
    return account_page(request)


@sensitive_post_parameters()
@never_cache
@login_required
@require_POST
def password(request: HttpRequest) -> HttpResponse:
    form = password_form(request, request.POST)
    if not form.is_valid():
        return account_page(request, status=400, password_form=form)
    form.save()
    update_session_auth_hash(request, form.user)
    messages.success(request, _("The password is set."))
    return redirect("access:account")


@never_cache
@login_required
@require_POST
def token_make(request: HttpRequest) -> HttpResponse:
    """Make a token. Its key stands in this one answer and nowhere else, the session included: so no redirect."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return account_page(request, status=400, token_form=form)
    token, key = services.token_create(user=request.user, name=form.cleaned_data["name"])
    address = request.build_absolute_uri("/api/v1/jobs/?mine=true")
    curl = f'curl -H "Authorization: Bearer {key}" "{address}"'
    return account_page(request, status=201, new_token=token, new_key=key, curl=curl)


@login_required
@require_POST
def token_revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    if not services.token_delete(user=request.user, token_id=token_id):
        raise Http404
    messages.success(request, _("The token no longer works."))
    return redirect("access:account")
