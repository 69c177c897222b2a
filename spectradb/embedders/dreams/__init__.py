"""DreaMS, a published transformer for tandem mass spectra, from a checkpoint that the user supplies.

After Bushuiev et al. 2025, doi 10.1038/s41587-025-02663-3. ``unpickling`` reads the checkpoint without executing anything,
``conversion`` keeps its weights as safetensors, ``network`` computes with them, ``embedder`` makes an embedder of it.
"""
