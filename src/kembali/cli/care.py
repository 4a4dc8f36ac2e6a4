"""Commands about the installation's health."""

import shutil

from kembali.cli import home
from kembali.cli.output import Json, console, report, rows


def status(as_json: Json = False) -> None:
    """Show what this home holds and how fresh it is."""
    with home.opened_home() as settings:
        from kembali.collect import api as collect
        from kembali.config import wiring
        from kembali.insight import api as insight
        from kembali.journeys import api as journeys
        from kembali.messages import api as messages
        from kembali.shop import api as shop

        found = shop.find_shop_settings()
        at = wiring.shop_now(home.wall_clock())
        last = insight.last_refresh()
        report(
            {
                "shop": found.name if found else "not set up yet",
                "shop_time": at.isoformat(timespec="seconds"),
                "home": str(settings.home),
                "database": "your own" if settings.database_url else "embedded",
                "mail": "your mail server" if settings.smtp_url else "built-in mailbox (SIMULATED)",
                "facts": {source.source: source.fact_count for source in collect.list_sources()},
                "facts_parked": collect.count_parked(),
                "insight_as_of": last.at.isoformat(timespec="seconds") if last else None,
                "flows": {flow.key: flow.state for flow in journeys.list_flows(at=at)},
                "messages_unknown": len(messages.list_unknown()),
            },
            as_json=as_json,
        )


def migrate(as_json: Json = False) -> None:
    """Bring the database's tables up to date."""
    with home.opened_database():
        home.start_django()
        pending = home.pending_migrations()
        home.migrate()
        report({"applied": pending}, as_json=as_json)


def doctor(as_json: Json = False) -> None:
    """Say what is used and what is wrong. Ends with code 1 when something is."""
    with home.opened_database() as settings:
        home.start_django()
        from kembali.config import health

        findings = health.examine(settings, pending_migrations=home.pending_migrations())
        free_gb = shutil.disk_usage(settings.home).free / 1e9
        findings.append(health.Finding("disk", f"{free_gb:.1f} GB free where the home lies", ok=free_gb > 1))
        if as_json:
            report({"ok": all(f.ok for f in findings), "findings": [f.as_dict() for f in findings]}, as_json=True)
        else:
            rows("", ("", "what", "found"), [("✓" if f.ok else "✗", f.subject, f.found) for f in findings])
            console.print("All is well." if all(f.ok for f in findings) else "Something needs you.")
        if not all(f.ok for f in findings):
            raise SystemExit(1)
