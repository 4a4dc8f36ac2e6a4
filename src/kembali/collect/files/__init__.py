"""Files in: whatever a shop exports becomes facts, rejects and an exact account of every line.

Nothing here writes to PostgreSQL or knows the facts table; `reading` is the way in.
"""
