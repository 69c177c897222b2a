"""Which PyTorch device a ``device`` argument means. Importing this module imports PyTorch."""

from __future__ import annotations

import torch

from spectradb.errors import BadParameter


def torch_device(name: str) -> torch.device:
    """Find the device of that name.

    Parameters
    ----------
    name : str
        ``cpu``, ``cuda`` or ``cuda:<number>``.

    Returns
    -------
    torch.device
        A device that this machine has.

    Raises
    ------
    BadParameter
        The name means nothing, or this machine has no such device.
    """
    try:
        device = torch.device(name)
    except RuntimeError:
        device = None
    if device is None or device.type not in {"cpu", "cuda"}:
        raise BadParameter(
            f"device {name!r} is not one of cpu, cuda, cuda:<number>; pass device='cpu' to compute without a GPU"
        )
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        found = torch.cuda.device_count()
        raise BadParameter(f"device {name!r} is absent: PyTorch sees {found} CUDA devices here; pass device='cpu'")
    return device
