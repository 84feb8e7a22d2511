"""The only place where the process environment is read.

Each variable is read once, typed and checked; a nonsense value stops the start with the variable's name, because a typo that is
silently replaced by a default is found weeks later.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


@dataclass(frozen=True)
class Environment:
    """Typed reading of a mapping of strings; raises ImproperlyConfigured naming the variable."""

    values: Mapping[str, str] = field(default_factory=lambda: os.environ)

    def text(self, name: str, default: str = "", *, choices: tuple[str, ...] = ()) -> str:
        value = self.values.get(name, default).strip()
        if choices and value not in choices:
            raise ImproperlyConfigured(f"{name}={value!r} is not known: use one of {', '.join(choices)}.")
        return value

    def flag(self, name: str, default: bool) -> bool:
        value = self.values.get(name)
        if value is None:
            return default
        if value.strip().lower() in TRUE:
            return True
        if value.strip().lower() in FALSE:
            return False
        raise ImproperlyConfigured(f"{name}={value!r} is neither yes nor no: use 1 or 0.")

    def number(self, name: str, default: float, *, low: float, high: float) -> float:
        value = self.values.get(name, str(default))
        try:
            number = float(value)
        except ValueError:
            raise ImproperlyConfigured(f"{name}={value!r} is not a number.") from None
        if not low <= number <= high:
            raise ImproperlyConfigured(f"{name}={value!r} must lie between {low:g} and {high:g}.")
        return number

    def names(self, name: str, default: str = "") -> list[str]:
        return [part.strip() for part in self.values.get(name, default).split(",") if part.strip()]

    def folder(self, name: str, default: Path) -> Path:
        value = self.values.get(name, "").strip()
        if not value:
            return default.absolute()
        folder = Path(value).expanduser().absolute()
        if folder.exists() and not folder.is_dir():
            raise ImproperlyConfigured(f"{name}={value!r} is a file, not a folder.")
        return folder

    def folders(self, name: str, default: Path) -> list[Path]:
        """Several folders, separated by commas; the default alone when none is named."""
        given = self.names(name)
        single = [Environment({name: value}).folder(name, default) for value in given]
        return single or [default.absolute()]

    def database(self, name: str, default: Path) -> dict[str, object]:
        """A Django database entry from a URL: sqlite:///FILE or postgres://USER:PASSWORD@HOST:PORT/NAME."""
        import dj_database_url

        value = self.values.get(name, "").strip() or f"sqlite:///{default}"
        scheme = value.split(":", 1)[0]
        if scheme not in {"sqlite", "postgres", "postgresql"}:
            raise ImproperlyConfigured(
                f"{name} begins with {scheme!r}: use sqlite:///FILE or postgres://USER@HOST/NAME."
            )
        try:
            return dict(dj_database_url.parse(value))
        except ValueError as error:
            raise ImproperlyConfigured(f"{name} cannot be read as a database address: {error}") from None

    def broker(self, name: str) -> str:
        value = self.values.get(name, "").strip()
        scheme = value.split(":", 1)[0]
        if value and scheme not in {"redis", "rediss", "redis+socket", "amqp", "amqps"}:
            raise ImproperlyConfigured(
                f"{name} begins with {scheme!r}: use redis://HOST:PORT/0, or leave it empty for the embedded file broker."
            )
        return value


def secret_key(given: str, file: Path) -> str:
    """The signing key: the given one, or one made once and kept in a file only its owner can read."""
    if given:
        return given
    if not file.exists():
        from django.core.management.utils import get_random_secret_key

        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = file.with_name(f"{file.name}.{os.getpid()}")
        temporary.touch(mode=0o600)
        temporary.write_text(get_random_secret_key() + get_random_secret_key())
        try:
            os.link(temporary, file)  # fails when another process was first: then its key is the key
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    return file.read_text().strip()
