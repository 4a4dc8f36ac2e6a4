"""The frozen values of this room: what a flow is, and what its pages and its replay tell."""
