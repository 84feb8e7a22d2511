"""How many pictures a second a training step takes, against a plain textbook loop of the same networks and batch.

    .venv/bin/python -m benchmarks.training_step [--presets pix2pix.unet256,...] [--size 128] [--batch 4] [--repeats 5]
        [--threads 1] [--device auto] [--json]

The textbook loop is float32 as the tutorials write it: draw, discriminator loss, backward, step, then the generator's with
the discriminator's weights asking for gradients too, torch's Adam as it comes. Both take the same pictures, which lie in
memory. Every repeat runs all in turn; printed are the median pictures a second, the median of the ratios within a repeat,
and how far the losses of the first step differ. bfloat16 is another arithmetic and stands beside it.
"""

import argparse
import json
import os
import statistics
import time

import torch
import torch.nn.functional as functional

from workers.engine import catalogue
from workers.engine.device import choose_device
from workers.engine.families import build
from workers.engine.families.family import Batch, Surroundings
from workers.engine.networks.blocks import Double, Halve
from workers.engine.training.session import autocasting

PRESETS = "pix2pix.unet256,pix2pix.noskip256,vae.seed"


class Textbook:
    """pix2pix with cross-entropy and the pixel difference, or the VAE, written down plainly."""

    def __init__(self, networks, options):
        self.generator, self.discriminator = networks["generator"], networks.get("discriminator")
        self.options = options
        for network in networks.values():
            for module in network.modules():
                if isinstance(module, Halve | Double):
                    module.AS_MATRIX = 0  # torch's own convolutions
        betas = (options["beta1"], options["beta2"])
        self.for_generator = torch.optim.Adam(self.generator.parameters(), lr=options["lr"], betas=betas)
        if self.discriminator:
            rate = options["lr_discriminator"]
            self.for_discriminator = torch.optim.Adam(self.discriminator.parameters(), lr=rate, betas=betas)

    def step(self, source, target):
        return self.adversarial(source, target) if self.discriminator else self.autoencoder(source, target)

    def autoencoder(self, source, target):
        drawn, mean, log_variance = self.generator.with_code(source)
        pixels = functional.l1_loss(drawn, target, reduction="sum") / len(source)
        kl = -0.5 * torch.sum(1 + log_variance - mean.pow(2) - log_variance.exp()) / len(source)
        self.for_generator.zero_grad()
        (pixels + self.options["kl_weight"] * kl).backward()
        self.for_generator.step()
        return {"pixels": pixels.item() / drawn[0].numel(), "kl": kl.item()}

    def adversarial(self, source, target):
        cross_entropy = functional.binary_cross_entropy_with_logits
        drawn = self.generator(source)
        real_logits = self.discriminator(torch.cat([source, target], 1))
        drawn_logits = self.discriminator(torch.cat([source, drawn.detach()], 1))
        loss = 0.5 * (
            cross_entropy(real_logits, torch.ones_like(real_logits))
            + cross_entropy(drawn_logits, torch.zeros_like(drawn_logits))
        )
        self.for_discriminator.zero_grad()
        loss.backward()
        self.for_discriminator.step()
        logits = self.discriminator(torch.cat([source, drawn], 1))
        gan = cross_entropy(logits, torch.ones_like(logits))
        l1 = functional.l1_loss(drawn, target)
        self.for_generator.zero_grad()
        (gan + self.options["l1_weight"] * l1).backward()
        self.for_generator.step()
        return {"discriminator": loss.item(), "gan": gan.item(), "l1": l1.item()}


class Ours:
    """The step of the training loop."""

    def __init__(self, family, networks, device, precision):
        layout = torch.channels_last if device.type == "cuda" else torch.preserve_format
        self.layout = layout
        for network in networks.values():
            network.to(memory_format=layout)
        around = Surroundings(device, autocasting(precision, device), lambda parameters: None, lambda: None)
        self.learner = family.learner(networks, around)

    def step(self, source, target):
        pictures = (each.to(memory_format=self.layout) for each in (source, target))
        losses, _ = self.learner.step([Batch(*pictures)], epoch=1e6)
        return {name: value.item() for name, value in losses.items()}


def networks_of(preset, options, device):
    torch.manual_seed(0)
    family = build.family(preset, options)
    return family, {name: network.to(device).train() for name, network in family.networks().items()}


def measure(preset, size, batch, repeats, device):
    # Without dropout and with the same seed both ways see the same chance, so their first losses can be compared.
    options = catalogue.options_checked(preset, {"size": size, "batch": batch, "dropout": 0})
    generator = torch.Generator().manual_seed(1)
    source, target = (torch.rand(batch, 3, size, size, generator=generator).to(device) * 2 - 1 for _ in range(2))
    ways = {"textbook": Textbook(networks_of(preset, options, device)[1], options)}
    for precision in ("float32", "bfloat16"):
        ways[precision] = Ours(*networks_of(preset, options, device), device, precision)
    first, seconds = {}, {name: [] for name in ways}
    for repeat in range(-1, repeats):
        for name, way in ways.items():
            torch.manual_seed(repeat + 1)
            started = time.perf_counter()
            losses = way.step(source, target)  # reading the losses waits for the device
            if device.type == "cuda":
                torch.cuda.synchronize()
            if repeat < 0:
                first[name] = losses  # warms up, too
            else:
                seconds[name].append(time.perf_counter() - started)
    row = {
        "preset": preset,
        "size": size,
        "batch": batch,
        "threads": torch.get_num_threads(),
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu",
        "load": round(os.getloadavg()[0], 1),
    }
    for name, taken in seconds.items():
        row[name] = {
            "images_per_second": round(batch / statistics.median(taken), 3),
            "ratio": round(statistics.median(b / a for a, b in zip(taken, seconds["textbook"], strict=True)), 3),
            "loss_difference": max(abs(first[name][key] / value - 1) for key, value in first["textbook"].items()),
        }
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--presets", default=PRESETS)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    device = choose_device(options.device)
    torch.backends.cudnn.benchmark = True
    for preset in options.presets.split(","):
        row = measure(preset, options.size, options.batch, options.repeats, device)
        if options.json:
            print(json.dumps(row), flush=True)
            continue
        print(
            f"{preset} {options.size}px batch {options.batch}, {row['threads']} threads on {row['device']} (load {row['load']})"
        )
        for name in ("textbook", "float32", "bfloat16"):
            found = row[name]
            print(
                f"  {name}: {found['images_per_second']} images/s, {found['ratio']} times the textbook's, "
                f"first losses differ by {found['loss_difference']:.1e}",
                flush=True,
            )


if __name__ == "__main__":
    main()
