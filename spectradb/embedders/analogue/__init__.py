"""The analogue model: a spectrum's place among structures beside its binned vector, so that one dot product ranks analogues."""
