"""kembali: who comes back, what brings them back, and proof that it did."""
