"""Mutants of text files that keep most of their structure: other numbers, words, lines, values of JSON and elements of XML."""

import json
import random
import re

NUMBER = re.compile(r"(?<![\w.])[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
WORD = re.compile(r"[^\s=:,;\"<>\[\]{}|]+")
ELEMENT = re.compile(r"<[^>]*>")

NUMBERS = [
    "1e400",
    "-1e400",
    "inf",
    "-inf",
    "nan",
    "NaN",
    "1e308",
    "1e-320",
    "-0.0",
    "0",
    "-1",
    "1" + "0" * 400,
    "9" * 5_000,
    "." + "1" * 5_000,
    "2147483648",
    "-2147483649",
    "9223372036854775808",
    "18446744073709551616",
    "0x1F",
    "1_000",
    "1,5",
    "1.250",
    "1 000",
    "1e",
    "e5",
    "--1",
    "+-1",
    "1.2.3",
    "\u0661\u0662",
    "\u00bd",
    "",
    " ",
    "null",
    "None",
    "true",
    "1+",
    "2-",
    "1e5e5",
]
WORDS = [
    "",
    " ",
    "\x00",
    "\x1b[31m",
    "\x7f",
    "\ufffd",
    "\u202e",
    "\u2028",
    "'",
    '"',
    "\\",
    "\\u0000",
    "\\ud800",
    "{file}",
    "${x}",
    "%s",
    "[M+H",
    "[M+]",
    "[M+99999999999999999999H]+",
    "[2M+H]3-",
    "M" * 5_000,
    "(" * 2_000,
    "[" * 2_000,
    "C" * 3_000,
    "=",
    "/",
    "..",
    "BEGIN IONS",
    "END IONS",
    "//",
    "Num Peaks: 99999999999",
    "<Peaks>",
    ">compound",
    "]]>",
    "&amp;",
    "&#0;",
    "<!--",
    "N/A",
    "-",
]
VALUES = [
    None,
    True,
    False,
    0,
    -1,
    1e308,
    10**30,
    10**400,
    "",
    "x",
    "1e400",
    "nan",
    "\x00",
    "\ud800",
    [],
    {},
    [[]],
    [None],
    [[1, 2, 3]],
    [[1]],
    {"value": []},
    [{}],
    "[[1, 2], [3]]",
    "1:2 3",
    "9" * 5_000,
    [1] * 50,
    {"a": {"b": {"c": []}}},
]


def mutant(text, others, chance):
    """Return another text.

    Parameters
    ----------
    text : str
        A file that can be read.
    others : list of str
        Texts of other formats, of which lines are taken.
    chance : random.Random
        What decides.

    Returns
    -------
    bytes
        The file, changed in one to four places.
    """
    kinds = [_number, _number, _word, _line, _lines_of_another, _cut]
    if text.lstrip()[:1] in "[{":
        kinds += [_json_value] * 4
    if text.lstrip()[:1] == "<":
        kinds += [_element] * 3
    for _ in range(chance.randint(1, 4)):
        text = chance.choice(kinds)(text, others, chance)
    made = text.encode("utf-8", errors="surrogatepass")
    return _bytes(made, chance) if chance.random() < 0.15 else made


def mutants(text, others, n, seed):
    """List mutants; of one seed always the same ones.

    Parameters
    ----------
    text, others
        As for :func:`mutant`.
    n : int
        How many.
    seed : int or str
        Of the generator.

    Yields
    ------
    bytes
        Mutants.
    """
    chance = random.Random(seed)
    for _ in range(n):
        yield mutant(text, others, chance)


def _replaced(pattern, text, words, chance):
    found = list(pattern.finditer(text))
    if not found:
        return text
    match = chance.choice(found)
    return text[: match.start()] + chance.choice(words) + text[match.end() :]


def _number(text, others, chance):
    return _replaced(NUMBER, text, NUMBERS, chance)


def _word(text, others, chance):
    return _replaced(WORD, text, WORDS, chance)


def _line(text, others, chance):
    lines = text.splitlines(keepends=True)
    if not lines:
        return text
    i, j = chance.randrange(len(lines)), chance.randrange(len(lines))
    kind = chance.randrange(4)
    if kind == 0:
        del lines[i]
    elif kind == 1:
        lines[i:i] = [lines[j]] * chance.choice([1, 2, 300])
    elif kind == 2:
        lines[i], lines[j] = lines[j], lines[i]
    else:
        lines[i] = lines[i].rstrip("\n") + chance.choice(["\r", "\r\n", "", "\n\n", "\t\n", " \\\n"])
    return "".join(lines)


def _lines_of_another(text, others, chance):
    lines, strange = text.splitlines(keepends=True), chance.choice(others).splitlines(keepends=True)
    i, j = chance.randrange(len(lines) + 1), chance.randrange(len(strange))
    lines[i:i] = strange[j : j + chance.randint(1, 5)]
    return "".join(lines)


def _cut(text, others, chance):
    i = chance.randrange(len(text) + 1)
    return text[:i] if chance.random() < 0.5 else text[:i] + text[i + chance.randint(1, 40) :]


def _element(text, others, chance):
    elements = list(ELEMENT.finditer(text))
    if not elements:
        return text
    match = chance.choice(elements)
    kind = chance.randrange(4)
    if kind == 0:
        put = ""
    elif kind == 1:
        put = match[0] * chance.choice([2, 100])
    elif kind == 2:
        put = re.sub(r'="[^"]*"', lambda _: f'="{chance.choice([*NUMBERS, "&lt;", "&#x41;"])}"', match[0], count=1)
    else:
        put = re.sub(r"\s[\w:]+=\"[^\"]*\"", "", match[0], count=1)
    return text[: match.start()] + put + text[match.end() :]


def _json_value(text, others, chance):
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return text
    places = list(_places(document))
    if not places:
        return text
    container, key = chance.choice(places)
    kind = chance.random()
    if kind < 0.7:
        container[key] = chance.choice(VALUES)
    elif isinstance(container, list):
        container.append(container[key])
    elif kind < 0.85:
        del container[key]
    else:
        container[f"{key} "] = container.pop(key)
    return json.dumps(document)


def _places(value):
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield value, key
            yield from _places(inner)


def _bytes(made, chance):
    if not made:
        return made
    i = chance.randrange(len(made))
    kind = chance.randrange(3)
    if kind == 0:
        return made[:i] + bytes([made[i] ^ (1 << chance.randrange(8))]) + made[i + 1 :]
    if kind == 1:
        return made[:i] + bytes(chance.randrange(256) for _ in range(8)) + made[i:]
    return made[:i] + b"\xff\xfe" + made[i:]
