"""Invented view models for every page, full, empty and in trouble. People are at example.com; nothing here is real."""
