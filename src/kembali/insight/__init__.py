"""What the history says about each customer: one model per file, lazy `Table → Table`, never seeing past `as_of`."""
