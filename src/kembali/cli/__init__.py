"""The commands people type, and the entry points of the processes."""
