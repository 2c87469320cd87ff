"""PyYAML's parser in pure Python, for machines where its C extension is missing."""

from __future__ import annotations

from yaml.parser import Parser as _Parser
from yaml.reader import Reader
from yaml.scanner import Scanner


class Parser(Reader, Scanner, _Parser):
    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        _Parser.__init__(self)

    def dispose(self) -> None:
        """The C parser has this too: here there is nothing to free."""
