"""A page that opens a lab in the browser: one HTML file with the database in it, which asks nobody else for anything."""
