"""What the laws draw from and how a command is run are shared with the tests of policies."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path += [str(Path(__file__).parents[1] / room) for room in ("laws", "cli")]
