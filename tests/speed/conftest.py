"""The speed comparisons import their own modules by name; the suite leaves this folder out."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
