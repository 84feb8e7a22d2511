from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('workers', '0002_parts_and_segments'),
    ]

    operations = [
        migrations.AddField(
            model_name='job',
            name='alike',
            field=models.CharField(blank=True, help_text='waiting jobs with the same text here may be done at once', max_length=200),
        ),
        migrations.AddField(
            model_name='job',
            name='together',
            field=models.PositiveSmallIntegerField(default=1, help_text='how many jobs the last attempt did at once, this one counted'),
        ),
    ]
