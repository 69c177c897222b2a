"""The sample table, and the runs and samples that an import describes."""
