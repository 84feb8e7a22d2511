import uuid

import django.db.models.deletion
from django.db import migrations, models

MODALITIES = [("photo", "photo"), ("sketch", "sketch"), ("caricature", "caricature")]


class Migration(migrations.Migration):
    dependencies = [
        ("datasetviewer", "0001_initial"),
        ("evaluation", "0002_trainings"),
        ("workers", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="TrainingPreflight",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("preset", models.CharField(max_length=60, verbose_name="preset")),
                ("options", models.JSONField(default=dict, verbose_name="options")),
                ("direction_from", models.CharField(choices=MODALITIES, max_length=20, verbose_name="from")),
                ("direction_to", models.CharField(choices=MODALITIES, max_length=20, verbose_name="to")),
                ("split", models.CharField(max_length=20, verbose_name="split")),
                ("source", models.CharField(blank=True, max_length=100, verbose_name="source")),
                ("seed", models.PositiveIntegerField(default=0, verbose_name="seed")),
                ("validation_share", models.FloatField(default=0.1, verbose_name="validation share")),
                ("images_per_second", models.FloatField(blank=True, null=True)),
                ("seconds", models.FloatField(blank=True, null=True)),
                ("memory", models.BigIntegerField(blank=True, null=True)),
                ("batch", models.PositiveIntegerField(blank=True, null=True)),
                ("device", models.CharField(blank=True, max_length=100)),
                ("created", models.DateTimeField(auto_now_add=True)),
                (
                    "dataset",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="datasetviewer.dataset",
                    ),
                ),
                (
                    "job",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="training_preflight",
                        to="workers.job",
                    ),
                ),
            ],
            options={
                "verbose_name": "trial of a training",
                "verbose_name_plural": "trials of trainings",
                "ordering": ("-created",),
            },
        ),
    ]
