"""What tests make: shops, facts, files; and where the real data lie."""
