"""Files in: one reader a format, harmonising, and the import that ties them together."""
