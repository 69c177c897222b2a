"""The verbs of the command line, a module each group that is imported together."""
