"""Public pages for shoppers: signed links, no login, no JavaScript, the shop's own name on top."""
