"""The models that there are, by name: embedders that are built in, and those that a lab took in."""
