from django.db import migrations, models

# A log that was restored once stands in a later epoch than 0.
_FOLLOW = """
DO $$
BEGIN
    EXECUTE format(
        'ALTER TABLE collect_fact ALTER COLUMN epoch SET DEFAULT %s',
        coalesce((SELECT epoch FROM collect_log), 0)
    );
END $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("collect", "0006_connections"),
    ]

    operations = [
        migrations.AlterField(model_name="fact", name="epoch", field=models.IntegerField(db_default=0)),
        migrations.RunSQL(_FOLLOW, migrations.RunSQL.noop),
    ]
