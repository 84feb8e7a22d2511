"""From a preset's name to its family, free of torch until the family is needed."""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from workers.engine import catalogue

if TYPE_CHECKING:
    from workers.engine.families.family import Family


def family(preset_name: str, options: Mapping[str, Any]) -> "Family":
    """The family of a preset with these options, checked. InputError when the preset or an option is unknown or wrong."""
    preset = catalogue.preset(preset_name)
    checked = catalogue.options_checked(preset_name, options)
    module, _, name = preset.module.rpartition(".")
    return getattr(import_module(module), name)(checked)


def describe(preset_name: str, options: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The networks of a preset: how many parameters each trains, what shape goes in and what comes out for one picture.

    Nothing is computed: the networks are built without memory for their weights.
    """
    import torch

    from workers.engine.networks.blocks import parameter_count

    preset = catalogue.preset(preset_name)
    options = catalogue.options_checked(preset_name, options or {})
    size = options["size"]
    found = {}
    chosen = family(preset_name, options)
    with torch.device("meta"):
        for name, network in chosen.networks().items():
            entering = (6 if name == "discriminator" else 3, size, size)
            found[name] = {
                "parameters": parameter_count(network),
                "input": list(entering),
                "output": list(network.eval()(torch.zeros(1, *entering)).shape[1:]),
            }
    return {
        "preset": preset.name,
        "family": preset.family,
        "title": preset.title,
        "note": preset.note,
        "paper_faithful": preset.paper_faithful,
        "networks": found,
        "options": {
            option.name: {
                "kind": option.kind,
                "value": options[option.name],
                "help": option.help,
                **({"choices": list(option.choices)} if option.choices else {}),
                **({} if option.minimum is None else {"minimum": option.minimum, "maximum": option.maximum}),
            }
            for option in preset.options
        },
    }
