"""Connectors: one folder or file per shop platform. No Django in here, so that the edge can read webhooks with them."""
