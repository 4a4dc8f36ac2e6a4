"""Read permissions and their proof."""
