"""The simulated shop whose truth is known: what it sells, who buys, and what a mail really does to them."""
