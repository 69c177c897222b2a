"""Generated parts of pages: they stand between ``<!-- generated: NAME -->`` and ``<!-- end of NAME -->``."""

import re


def with_parts(text, parts, page):
    """Replace the generated parts of a page by those of the same names among ``parts``; other parts stay as they are."""
    for name in re.findall(r"^<!-- generated: (.*) -->$", text, re.MULTILINE):
        begin, end = f"<!-- generated: {name} -->\n", f"<!-- end of {name} -->"
        if text.count(begin) != 1 or text.count(end) != 1:
            msg = f"{page} needs the lines {begin.strip()!r} and {end!r} once each"
            raise ValueError(msg)
        if name in parts:
            before, _, rest = text.partition(begin)
            after = rest.partition(end)[2]
            text = f"{before}{begin}\n{parts[name].strip()}\n\n{end}{after}"
    return text


def markdown_table(header, rows):
    """Make a table of texts."""
    cells = [header, ["---"] * len(header), *([_cell(str(cell)) for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(row) + " |" for row in cells)


def _cell(text):
    text = text.replace("|", "\\|")
    return text if "`" in text else text.replace("<", "&lt;")
