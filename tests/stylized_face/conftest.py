"""A data folder of its own for every test, and faces that belong to nobody."""

import io

import pytest
from django.core.cache import cache
from PIL import Image
from rest_framework.test import APIClient

from datasetviewer.drawing import draw_photo, person_parameters
from workers.engine.catalogue import SHIPPED, Shipped


@pytest.fixture(autouse=True)
def own_data_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "data"
    settings.BROKER_DIR = settings.DATA_DIR / "broker"
    cache.clear()
    return settings.DATA_DIR


@pytest.fixture(autouse=True)
def empty_shelf(monkeypatch):
    """As if no model shipped: what these tests say must hold with and without one; `on_shelf` puts one there."""
    for name in list(SHIPPED):
        monkeypatch.delitem(SHIPPED, name)


@pytest.fixture
def on_shelf(monkeypatch, tmp_path):
    """A tiny untrained network in the place of the model that ships; returns the name it has there."""
    from tests.engine.untrained import untrained_checkpoint
    from workers.engine.shipped.making import ship

    name, folder = "cufs.modern", tmp_path / "shelf" / "cufs.modern"
    ship(untrained_checkpoint(tmp_path / "000000000000"), folder)
    (folder / "README.md").write_text("# Tiny\nFor research only. <script>1</script>")

    class Placed(Shipped):
        @property
        def folder(self):
            return folder

    placed = Placed(name, "Tiny portrait", (("photo", "sketch"),), "Draws noise.", "For research only.")
    monkeypatch.setitem(SHIPPED, name, placed)
    return name


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    """Jobs are run by the tests themselves; waking a worker that is not there would only litter."""
    monkeypatch.setattr("workers.queue.poke", lambda queue: True)


@pytest.fixture(scope="session")
def portrait() -> Image.Image:
    """A drawn face, 400x500, that the detector takes for one."""
    return draw_photo(person_parameters(0, seed=0)).convert("RGB").resize((400, 500), Image.Resampling.LANCZOS)


@pytest.fixture(scope="session")
def two_portraits(portrait) -> Image.Image:
    scene = Image.new("RGB", (900, 520), "white")
    scene.paste(portrait, (10, 10))
    scene.paste(draw_photo(person_parameters(3, seed=0)).convert("RGB").resize((400, 500)), (480, 10))
    return scene


@pytest.fixture
def sent():
    """Encode a picture as an upload: sent(image, "JPEG", name="me.jpg", exif=...)."""

    def encode(image: Image.Image, format_: str = "JPEG", name: str = "me.jpg", **options) -> io.BytesIO:
        stream = io.BytesIO()
        image.save(stream, format_, **options)
        return named(stream.getvalue(), name)

    return encode


def named(content: bytes, name: str = "me.jpg") -> io.BytesIO:
    stream = io.BytesIO(content)
    stream.name = name
    return stream


@pytest.fixture
def create(sent, portrait):
    """Make a stylization through the service."""
    from stylized_face.services import stylization_create

    def make(image: Image.Image | None = None, **options):
        return stylization_create(photo=sent(portrait if image is None else image), **({"visitor": "v"} | options))

    return make


@pytest.fixture
def drawn(create, run_jobs):
    """Make a stylization and draw it."""
    from stylized_face.selectors import stylization_get

    def make(*args, **options):
        stylization = create(*args, **options)
        run_jobs("interactive")
        return stylization_get(id=stylization.id)

    return make


@pytest.fixture
def api():
    return APIClient()


@pytest.fixture
def here(rf):
    """The digest of the address that the test client has."""
    from stylized_face.visitors import visitor_of

    request = rf.get("/")
    request.session = {}
    return visitor_of(request, object()).key
