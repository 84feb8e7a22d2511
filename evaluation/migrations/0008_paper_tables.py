import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("datasetviewer", "0002_bookmarks"),
        ("evaluation", "0007_preferences"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PublishedResults",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=100, verbose_name="name of the method")),
                ("split", models.CharField(max_length=20, verbose_name="split")),
                ("source", models.CharField(blank=True, max_length=100, verbose_name="source")),
                (
                    "modality",
                    models.CharField(
                        choices=[("photo", "photo"), ("sketch", "sketch"), ("caricature", "caricature")],
                        max_length=20,
                        verbose_name="modality",
                    ),
                ),
                ("citation", models.TextField(blank=True, verbose_name="citation")),
                ("url", models.URLField(blank=True, max_length=500, verbose_name="address")),
                ("licence", models.CharField(blank=True, max_length=300, verbose_name="licence")),
                (
                    "size_rule",
                    models.CharField(
                        choices=[
                            ("exact", "take only pictures as large as the real ones"),
                            ("centre", "cut the centre out of larger ones"),
                        ],
                        default="exact",
                        max_length=10,
                        verbose_name="other sizes",
                    ),
                ),
                ("n", models.PositiveIntegerField(verbose_name="pictures")),
                ("n_pairs", models.PositiveIntegerField(verbose_name="pairs")),
                ("bytes", models.PositiveBigIntegerField(verbose_name="bytes")),
                ("digest", models.CharField(max_length=64, verbose_name="digest")),
                ("fingerprint", models.CharField(max_length=64, unique=True)),
                ("pictures", models.JSONField(default=list, verbose_name="pictures")),
                ("report", models.JSONField(default=list, verbose_name="report")),
                ("missing", models.JSONField(default=list, verbose_name="pairs without a picture")),
                ("created", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                (
                    "dataset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="published_results",
                        to="datasetviewer.dataset",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="published_results",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "published results",
                "verbose_name_plural": "published results",
                "ordering": ("-created",),
            },
        ),
        migrations.CreateModel(
            name="PaperTable",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("reference", models.JSONField(verbose_name="reference set")),
                ("rows", models.JSONField(default=list, verbose_name="rows")),
                ("columns", models.JSONField(default=list, verbose_name="columns")),
                ("problems", models.JSONField(default=list, verbose_name="problems")),
                ("public", models.BooleanField(default=False, verbose_name="public")),
                ("created", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("changed", models.DateTimeField(auto_now=True, verbose_name="changed")),
                (
                    "dataset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="paper_tables",
                        to="datasetviewer.dataset",
                    ),
                ),
                (
                    "evaluations",
                    models.ManyToManyField(blank=True, related_name="paper_tables", to="evaluation.evaluation"),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="paper_tables",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "paper table",
                "verbose_name_plural": "paper tables",
                "ordering": ("-created",),
            },
        ),
    ]
