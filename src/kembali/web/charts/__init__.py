"""Small pictures drawn on the server as SVG: pure functions from numbers to markup. Colours come from CSS classes."""
