"""Database, processes, settings: the machinery under the rooms. Knows nothing about shops."""
