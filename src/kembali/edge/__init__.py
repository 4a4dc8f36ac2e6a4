"""The raw ASGI door for browsers and SDKs. Imports only doors: no Django, no analytics."""
