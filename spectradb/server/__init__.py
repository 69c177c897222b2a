"""A lab over HTTP, for a group: read-only, with a token."""
