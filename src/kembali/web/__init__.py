"""The dashboard and the shopper pages: parse a request, call a room, shape its answer. No business rule lives here."""
