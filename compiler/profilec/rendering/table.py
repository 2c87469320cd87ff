"""Rows -> a table on stdout: ruled by width for people, plain aligned columns for a pipe."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from profilec.rendering.terminal import Painter, is_terminal


def print_table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], paint: Painter, right: Sequence[str] = ()
) -> None:
    """Print what has been made visible before. The columns named in `right` are set to the right."""
    if is_terminal(sys.stdout):
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in columns:
            table.add_column(column, justify="right" if column in right else "left", overflow="fold")
        for row in rows:
            table.add_row(*map(Text, row))
        Console(no_color=not paint.enabled, highlight=False).print(table)
        return
    lines = [columns, *rows]
    widths = [max(len(line[index]) for line in lines) for index in range(len(columns))]
    for line in lines:
        cells = [
            f"{cell:>{width}}" if column in right else f"{cell:{width}}"
            for cell, width, column in zip(line, widths, columns, strict=True)
        ]
        sys.stdout.write("  ".join(cells).rstrip() + "\n")
