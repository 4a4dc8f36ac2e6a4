"""Who is treated and who is held out: a pure hash, stored at first exposure. Judging the difference is `measure`'s."""
