"""Photos from anywhere through a model: how many faces are found, drawn, and still known by the drawing.

    python -m benchmarks.portraits FOLDER --weights-dir DIR [--models cufs.modern pencil] [--sheet OUT.png]

Rank-1: each drawing is held against all the photos (every one of another person) by EdgeFace; right when the photo it
was made of is the nearest. EdgeFace took no part in training the shipped model. The sheet shows photo above drawing.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")
os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="portraits-"))

ENDINGS = {".jpg", ".jpeg", ".png", ".webp"}
COLUMNS = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--weights-dir", type=Path, required=True)
    parser.add_argument("--models", nargs="+", default=["cufs.modern", "pencil"])
    parser.add_argument("--sheet", type=Path, help="where to write the contact sheet of the first model")
    options = parser.parse_args()

    import django

    django.setup()
    from stylized_face.jobs.drawing import draw
    from workers.engine.errors import InputError
    from workers.engine.images import read_photo

    files = sorted(path for path in options.folder.rglob("*") if path.suffix.lower() in ENDINGS)
    embed = Embedding(options.weights_dir)
    for place, model in enumerate(options.models):
        drawings, refused, seconds = {}, {}, []
        for path in files:
            begin = time.perf_counter()
            try:
                drawings[path] = draw(read_photo(path), model=model, index=0)
            except InputError as error:
                refused[path.name] = str(error)
            seconds.append(time.perf_counter() - begin)
        photos = {path: embed(drawing.aligned) for path, drawing in drawings.items()}
        sketches = {path: embed(drawing.sketch) for path, drawing in drawings.items()}
        known = [path for path, row in photos.items() if row is not None]
        gallery = np.stack([photos[path] for path in known])
        hits, lost = 0, []
        for path, row in sketches.items():
            nearest = known[int(np.argmax(gallery @ row))] if row is not None else None
            hits += nearest == path
            if nearest != path:
                lost.append(path.name)
        answer = {
            "model": model, "photos": len(files), "drawn": len(drawings), "refused": refused,
            "rank1": round(hits / len(files), 4), "not_known": lost,
            "median_seconds": round(statistics.median(seconds), 3),
        }  # fmt: skip
        print(json.dumps(answer))
        if options.sheet and place == 0:
            sheet([(drawing.aligned, drawing.sketch) for drawing in drawings.values()]).save(options.sheet)


class Embedding:
    """EdgeFace's unit vector of the face in a picture; None when it finds none."""

    def __init__(self, weights_dir: Path) -> None:
        from workers.engine.features.extractors import load
        from workers.engine.weights import find

        self.running = load("edgeface.xs512", find("edgeface.xs512", weights_dir), "cpu")

    def __call__(self, picture: Image.Image) -> np.ndarray | None:
        from workers.engine.features.extractors import NotUsable

        try:
            row = self.running.features([self.running.prepare(np.asarray(picture.convert("RGB")))])[0]
        except NotUsable:
            return None
        return row / np.linalg.norm(row)


def sheet(pairs: list[tuple[Image.Image, Image.Image]]) -> Image.Image:
    """Photo above drawing, COLUMNS in a row, each at 200x250."""
    rows = -(-len(pairs) // COLUMNS)
    paper = Image.new("RGB", (COLUMNS * 200, rows * 500), "white")
    for place, pair in enumerate(pairs):
        for line, picture in enumerate(pair):
            left, top = place % COLUMNS * 200, place // COLUMNS * 500 + line * 250
            paper.paste(picture.convert("RGB").resize((200, 250), Image.Resampling.LANCZOS), (left, top))
    return paper


if __name__ == "__main__":
    main()
