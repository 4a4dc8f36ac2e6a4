"""Mailchimp's audience export: one file of the subscribed, one of the unsubscribed, one of the cleaned (bounced)."""

from kembali.collect.files.formats.base import Format

MAILCHIMP_AUDIENCE = Format(
    name="mailchimp_audience",
    kind="consents",
    source="mailchimp",
    signatures=(
        frozenset({"Email Address", "OPTIN_TIME", "CONFIRM_TIME", "LEID", "EUID"}),
        frozenset({"Email Address", "UNSUB_TIME", "LEID", "EUID"}),
    ),
    columns={
        "email": ("Email Address",),
        "first_name": ("First Name",),
        "last_name": ("Last Name",),
        "phone": ("Phone Number",),
        "country": ("CC",),
        "consented_at": ("OPTIN_TIME",),
        "consent_ip": ("OPTIN_IP",),
        "confirmed_at": ("CONFIRM_TIME",),
        "confirmed_ip": ("CONFIRM_IP",),
        "withdrawn_at": ("UNSUB_TIME", "CLEAN_TIME"),
        "updated_at": ("LAST_CHANGED",),
    },
    fallbacks=frozenset({"withdrawn_at"}),
)
