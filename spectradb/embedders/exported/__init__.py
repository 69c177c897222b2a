"""Models of others as ONNX or TorchScript."""
