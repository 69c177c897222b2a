"""The report of a lab: one page of tables and figures, all from what is published."""
