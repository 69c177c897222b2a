"""Files that make searches fast and can be built anew at any time."""
