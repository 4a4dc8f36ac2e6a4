"""One module per page: its frozen view model and `render`. Nothing here reads a database or decides anything."""
