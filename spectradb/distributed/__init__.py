"""Past one machine: ``embed`` and ``identify`` as maps over the workers of a Ray cluster.

Workers compute, the process that was called writes: a lab changes only by what one process writes to its record, as without a
cluster, and holds the same rows afterwards. Nothing here imports Ray before a cluster is asked for.
"""
