"""Features that other programs found in MS1: their areas in each run."""
