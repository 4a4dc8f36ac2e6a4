"""From a template's folder and a view to a subject, an HTML body and a plain text."""
