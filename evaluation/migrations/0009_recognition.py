import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("datasetviewer", "0002_bookmarks"),
        ("evaluation", "0008_paper_tables"),
        ("workers", "0002_parts_and_segments"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RecognitionTest",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("task", models.JSONField(verbose_name="task")),
                ("kinds", models.JSONField(default=list, verbose_name="what is computed")),
                ("scheme", models.CharField(blank=True, max_length=20, verbose_name="scheme")),
                ("extractors", models.JSONField(verbose_name="recognisers")),
                ("extractor", models.CharField(db_index=True, max_length=200, verbose_name="recogniser")),
                ("weights_digest", models.CharField(max_length=64)),
                ("label", models.CharField(max_length=20, verbose_name="persons")),
                ("plan_digest", models.CharField(db_index=True, max_length=64)),
                ("protocol_detail", models.JSONField(default=dict, verbose_name="protocol in full")),
                ("submission_digest", models.CharField(db_index=True, max_length=64)),
                ("n_pictures", models.PositiveIntegerField(verbose_name="pictures")),
                ("n_parts", models.PositiveIntegerField(verbose_name="parts")),
                (
                    "shown_to_visitors",
                    models.BooleanField(
                        default=False,
                        help_text="whether everything beside the datasets, checkpoints say, is public",
                    ),
                ),
                ("facts", models.JSONField(default=list, verbose_name="what to know")),
                ("created", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                (
                    "gallery_dataset",
                    models.ForeignKey(
                        blank=True,
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
                        related_name="recognition_test",
                        to="workers.job",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="recognition_tests",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "probe_dataset",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="datasetviewer.dataset",
                    ),
                ),
            ],
            options={
                "verbose_name": "recognition test",
                "verbose_name_plural": "recognition tests",
                "ordering": ("-created",),
            },
        ),
        migrations.CreateModel(
            name="RecognitionCurves",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("roc", models.JSONField(default=dict)),
                ("cmc", models.JSONField(default=dict)),
                ("confused", models.JSONField(default=dict)),
                ("pictures", models.JSONField(default=dict)),
                (
                    "test",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="curves",
                        to="evaluation.recognitiontest",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RecognitionValue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("part", models.CharField(blank=True, max_length=80, verbose_name="part")),
                ("measure", models.CharField(max_length=20, verbose_name="measure")),
                ("value", models.FloatField(verbose_name="value")),
                ("deviation", models.FloatField(blank=True, null=True)),
                ("low", models.FloatField(blank=True, null=True)),
                ("high", models.FloatField(blank=True, null=True)),
                ("details", models.JSONField(blank=True, default=dict)),
                (
                    "test",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="values",
                        to="evaluation.recognitiontest",
                    ),
                ),
            ],
            options={
                "verbose_name": "number of a recognition test",
                "verbose_name_plural": "numbers of recognition tests",
                "ordering": ("id",),
                "constraints": [
                    models.UniqueConstraint(fields=("test", "part", "measure"), name="measure_once_in_a_part")
                ],
            },
        ),
        migrations.CreateModel(
            name="RecogniserChoice",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("validation", models.JSONField(verbose_name="chosen by")),
                ("task", models.JSONField(verbose_name="tested on")),
                ("extractors", models.JSONField(verbose_name="recognisers")),
                ("measure", models.CharField(max_length=20, verbose_name="measure")),
                ("submission_digest", models.CharField(db_index=True, max_length=64)),
                ("ranking", models.JSONField(default=list)),
                ("facts", models.JSONField(default=list)),
                ("created", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                (
                    "job",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recogniser_choice",
                        to="workers.job",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="recogniser_choices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "test",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="choices",
                        to="evaluation.recognitiontest",
                    ),
                ),
            ],
            options={
                "verbose_name": "choice of a recogniser",
                "verbose_name_plural": "choices of recognisers",
                "ordering": ("-created",),
            },
        ),
    ]
