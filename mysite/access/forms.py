"""Forms of the account pages."""

import math
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from mysite.access.tries import TRIES, tries_forget, tries_wait, try_failed


class SignInForm(AuthenticationForm):
    """User name and password, with a rest after too many wrong ones."""

    def clean(self) -> dict[str, Any]:
        address = self.request.META.get("REMOTE_ADDR", "") if self.request else ""
        username = self.cleaned_data.get("username", "")
        wait = tries_wait(address=address, username=username)
        if wait:
            minutes = math.ceil(wait.total_seconds() / 60)
            text = ngettext(
                "%(tries)d wrong passwords in a row: wait %(minutes)d minute, then try again.",
                "%(tries)d wrong passwords in a row: wait %(minutes)d minutes, then try again.",
                minutes,
            )
            raise ValidationError(text % {"tries": TRIES, "minutes": minutes}, code="wait")
        try:
            cleaned = super().clean()
        except ValidationError:
            try_failed(address=address, username=username)
            raise
        if self.get_user() is not None:
            tries_forget(address=address, username=username)
        return cleaned

    def get_invalid_login_error(self) -> ValidationError:
        text = _("User name and password do not belong together. Mind upper and lower case, or use a sign-in link.")
        return ValidationError(text, code="invalid_login")


class TokenForm(forms.Form):
    """A name for a new API token."""

    name = forms.CharField(
        label=gettext_lazy("Name of the new token"),
        max_length=80,
        help_text=gettext_lazy("Where it will be used, e.g. “training laptop”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
