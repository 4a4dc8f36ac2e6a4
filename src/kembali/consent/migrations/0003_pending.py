from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("consent", "0002_append_only")]

    operations = [
        migrations.RemoveConstraint(model_name="record", name="consent_state"),
        migrations.AddConstraint(
            model_name="record",
            constraint=models.CheckConstraint(
                condition=models.Q(state__in=["given", "pending", "not_given", "withdrawn"]), name="consent_state"
            ),
        ),
    ]
