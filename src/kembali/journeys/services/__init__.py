"""Changes to flows and enrolments: always many people at once, row and fact in one transaction."""
