"""events -> the application's debug log, if it has one.

Importing `logging` takes longer than loading a profile. An application that wants to see this
has imported it already; for the others there is ENGINE_PROFILES_DEBUG=1, which writes to stderr.
"""

from __future__ import annotations

import os
import sys

VARIABLE = "ENGINE_PROFILES_DEBUG"


def debug(message: str, *arguments: str) -> None:
    asked = os.environ.get(VARIABLE, "").strip() not in ("", "0")
    if not asked and "logging" not in sys.modules:
        return
    import logging

    logger = logging.getLogger("engineprofiles")
    if asked and not logger.isEnabledFor(logging.DEBUG):
        logger.setLevel(logging.DEBUG)
    if asked and not logger.hasHandlers():
        logger.addHandler(logging.StreamHandler())
    logger.debug(message, *arguments)
