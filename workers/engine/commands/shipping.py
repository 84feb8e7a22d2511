"""`ship` of the command line."""

import argparse
from pathlib import Path
from typing import Any

Answer = tuple[dict[str, Any], list[str]]


def add(commands: Any) -> None:
    """Add the command to the parser's subparsers."""
    ship = commands.add_parser(
        "ship",
        help="make a checkpoint into a model that ships with this repository",
        description="Write a checkpoint in half precision, with its description, into a folder of workers/engine/shipped. "
        "A model card (README.md) that lies there stays.",
    )
    ship.add_argument("checkpoint", type=Path, metavar="CHECKPOINT_FOLDER")
    ship.add_argument("out", type=Path, metavar="OUT_FOLDER")
    ship.add_argument("--grey", action="store_true", help="average the colours of what it draws (pix2pix.modern)")
    ship.add_argument("--json", action="store_true", help="one JSON object on standard output")
    ship.set_defaults(run=_ship)


def _ship(options: argparse.Namespace) -> Answer:
    from workers.engine.shipped.making import ship
    from workers.engine.shipped.table import CARD

    made = ship(options.checkpoint, options.out, grey=options.grey)
    answer = {
        "output": str(made.folder),
        "preset": made.meta.preset,
        "digest": made.meta.digest,
        "bytes": made.bytes,
        "largest_difference": made.largest_difference,
        "card": made.card,
    }
    lines = [
        f"wrote {made.folder}: {made.meta.preset}, epoch {made.meta.epoch}, {made.bytes / 2**20:.1f} MiB",
        f"half precision changes no pixel of a test picture by more than {made.largest_difference} of 255",
    ]
    if not made.card:
        lines.append(f"there is no {CARD} yet: write the model card (data, terms, training command, figures, failures)")
    return answer, lines
