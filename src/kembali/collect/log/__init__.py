"""The facts log: append, read behind a cursor, look through, count, feed to programs."""
