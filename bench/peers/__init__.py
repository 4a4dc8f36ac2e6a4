"""What kembali is compared with."""
