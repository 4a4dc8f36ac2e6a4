"""Django's settings, urls and the wiring between rooms."""
