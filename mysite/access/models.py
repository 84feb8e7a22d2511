"""Who may come in: API tokens, one-time sign-in links, and the memory of idempotent requests. Secrets are stored as digests."""

from django.conf import settings
from django.db import models


class ApiToken(models.Model):
    """A named key for scripts. Only its SHA-256 is kept; the key itself is shown once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=8, help_text="first characters of the key, to tell keys apart")
    created = models.DateTimeField()
    expires = models.DateTimeField()
    last_used = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created",)

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"


class SignInLink(models.Model):
    """A link that signs a user in once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    digest = models.CharField(max_length=64, unique=True)
    created = models.DateTimeField()
    expires = models.DateTimeField()
    used = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"for {self.user}"


class IdempotentReply(models.Model):
    """The answer that was given to a request with an Idempotency-Key."""

    digest = models.CharField(max_length=64, unique=True, help_text="of key, caller, method and path")
    body_digest = models.CharField(max_length=64)
    status = models.PositiveIntegerField(null=True, help_text="empty while the first request is being answered")
    content_type = models.CharField(max_length=100, blank=True)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    created = models.DateTimeField()

    class Meta:
        verbose_name_plural = "idempotent replies"

    def __str__(self) -> str:
        return self.digest[:12]


class FailedSignIn(models.Model):
    """One wrong password, remembered for a few minutes; a row and not the cache, because several web processes must count alike."""

    digest = models.CharField(max_length=64, help_text="of address and user name")
    created = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["digest", "created"], name="failed_sign_in_recent")]

    def __str__(self) -> str:
        return self.digest[:12]
