"""The values that leave the shop."""
