"""What `manage.py up` does once the web answers: each hook takes the site's address and may return a line to print."""

from django.conf import settings
from django.utils.module_loading import import_string


def sign_in_link(address: str) -> str:
    from mysite.access.services import first_admin, link_create

    return f"Sign in as the administrator (works once, for a day): {address}account/link/{link_create(user=first_admin())}/"


def demo_dataset(address: str) -> str | None:
    """Queue the drawing of the demo dataset when there is none yet."""
    job = import_string("datasetviewer.services.demo_enqueue")()
    return f"The demo dataset is being drawn: {address}datasets/" if job else None


def device(address: str) -> str:
    return f"Data: {settings.DATA_DIR}. Workers compute on: {settings.DEVICE}."
