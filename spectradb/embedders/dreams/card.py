"""What is known of DreaMS's embedding model before its weights are read. Importing this module imports no PyTorch."""

from __future__ import annotations

from types import MappingProxyType

FORMAT = "spectradb-dreams-1"
KIND = "dreams"
DIMENSION = 1024
ION_MODES = ("positive",)
CHECKPOINT_NAME = "embedding_model.ckpt"
CHECKPOINT_PAGE = "https://zenodo.org/records/10997887"
CHECKPOINT_URL = f"{CHECKPOINT_PAGE}/files/{CHECKPOINT_NAME}"
#: Where the weights come from and where they hold.
CARD = MappingProxyType(
    {
        "licence": "MIT (the published code)",
        "training_data": "pre-trained on GeMS, fine-tuned on MoNA: spectra of MoNA are not unseen",
        "limits": "singly charged ions of positive mode, precursors up to m/z 1000; negative mode is outside its domain",
    }
)
