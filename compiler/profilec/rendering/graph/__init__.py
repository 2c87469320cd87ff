"""StackGraph -> text, Mermaid, DOT, SVG and plain data, a module each.

Whatever a source contains is escaped in the module that writes it, by the rules of its format. Same graph, same bytes.
"""
