"""What programs sent and cannot be a fact: kept, told, read again."""
