"""Labs on object storage."""
