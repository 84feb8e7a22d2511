"""How fast pictures are imported, with thumbnails, and how much memory that takes.

    python benchmarks/import_images.py [--images 12000] [--json]

Draws pairs of 200x250 JPEG files (the size of CUFS) into a temporary folder, imports them in a process of its own into a
fresh SQLite database, and imports them again. Prints pictures a second of both, the peak of the importing process's
memory, and its memory after the first tenth beside the peak: it is flat when the two hardly differ.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]

IMPORT = """
import json, os, resource, sys, time
import django
django.setup()
from pathlib import Path
from datasetviewer.services import dataset_import

def resident():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

marks = {}
def report(done, total, text):
    if total and done in (total // 10, total // 2, total):
        marks[round(done / total, 1)] = round(resident())

began = time.monotonic()
result = dataset_import(layout="folders", path=Path(sys.argv[1]), slug="drawn", report=report)
seconds = time.monotonic() - began
used = resource.getrusage(resource.RUSAGE_SELF)
peak = used.ru_maxrss / 1024
cpu = used.ru_utime + used.ru_stime
print(json.dumps({"added": result.added, "present": result.present, "seconds": round(seconds, 1),
                  "images_per_second": round((result.added + result.present) / seconds),
                  "cpu_seconds": round(cpu, 1), "peak_mib": round(peak),
                  "resident_mib_at": marks}))
"""


def draw(root: Path, images: int) -> None:
    """Pictures that compress like photos: smooth colour with a little grain."""
    rng = np.random.default_rng(0)
    for folder in ("photos", "sketches"):
        (root / folder).mkdir(parents=True)
    for number in range(images // 2):
        for folder, noise in (("photos", 6), ("sketches", 12)):
            coarse = Image.fromarray(rng.integers(40, 220, (10, 8, 3), dtype=np.uint8))
            pixels = np.asarray(coarse.resize((200, 250), Image.Resampling.BICUBIC), dtype=np.int16)
            grain = rng.integers(-noise, noise + 1, (250, 200, 1), dtype=np.int16)
            face = Image.fromarray(np.clip(pixels + grain, 0, 255).astype(np.uint8))
            face.save(root / folder / f"face{number:05}.jpg", quality=90)


def run(pictures: Path, data: Path) -> dict:
    environment = {**os.environ, "DATA_DIR": str(data)}
    environment |= {"DJANGO_SETTINGS_MODULE": "mysite.settings", "LOG_LEVEL": "ERROR"}
    environment.pop("DATABASE_URL", None)
    for arguments in (["manage.py", "migrate", "-v", "0"], ["-c", IMPORT, str(pictures)]):
        done = subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(done.stderr)
    return json.loads(done.stdout.strip().splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=12_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="import-benchmark-"))
    try:
        draw(folder / "pictures", options.images)
        for name in ("first", "again"):
            load = os.getloadavg()[0]
            row = {"run": name, "cores": os.cpu_count(), "load_before": round(load, 2)}
            row |= run(folder / "pictures", folder / "data")
            if options.json:
                print(json.dumps(row), flush=True)
            else:
                print(
                    f"{name}: {row['added']} added, {row['present']} already there in {row['seconds']} s: "
                    f"{row['images_per_second']} pictures/s, {row['cpu_seconds']} s of processor, "
                    f"peak {row['peak_mib']} MiB, resident at 0.1/0.5/1.0 "
                    f"{row['resident_mib_at']}, {row['cores']} cores, load before {row['load_before']}",
                    flush=True,
                )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
