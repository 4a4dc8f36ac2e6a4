"""The HTTP API for programs: parse, one call, shape. Who may what stands in each route's scope."""
