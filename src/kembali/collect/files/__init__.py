"""Order files in: any delimited file of orders becomes order versions, rejects and an exact account of every line.

Nothing here writes to PostgreSQL or knows the facts table; `reading` is the way in.
"""
