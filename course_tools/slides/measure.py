"""What fits on a slide: how large its letters may be, and where a slide that is too full is cut."""

import math
import re

WIDTH, HEIGHT = 1280, 720  # of a slide; reveal.js scales it to the projector
COLUMN, ROOM = 1120, 560  # what its text may take of that
SIZES = (46, 40, 36, 32, 28)  # of the text, in pixels: the largest that fits


def pages(one):
    """The slide in the largest letters in which it fits, or, if it does not fit, several slides."""
    size = next((size for size in SIZES if fits(one, size)), 0)
    if size or len(one["blocks"]) < 2:
        return [one | {"size": size or SIZES[-1]}]
    kinds = [kind for kind, _ in one["blocks"]]
    cut = len(kinds) - 1
    while cut > 1 and not fits(one | {"blocks": one["blocks"][:cut]}, SIZES[-2]):
        cut -= 1
    if cut > 1 and kinds[cut] in ("formula", "table") and kinds[cut - 1] == "text":
        cut -= 1  # what leads to a formula stays with it
    heading = one["heading"] if one["heading"].startswith("###") else ""
    rest = one | {"blocks": one["blocks"][cut:], "new": False, "heading": heading}
    return [*pages(one | {"blocks": one["blocks"][:cut]}), *pages(rest)]


def fits(one, size):
    heading = 90 * math.ceil(len(one["heading"]) / 42) if one["heading"] else 0
    return heading + sum(size_of(kind, text, size)[1] for kind, text in one["blocks"]) <= ROOM


def size_of(kind, text, size):
    """About how large, in pixels, a block's letters may be if the text's are of this size, and how high it then is."""
    if kind in ("code", "output"):
        lines = text.splitlines()[1:-1]
        letters = min(30, COLUMN / 0.61 / max(map(len, lines)))
        letters = 24 if letters < 19 else letters  # rather than tiny letters, lines that wrap
        return letters, 40 + 1.35 * letters * sum(max(1, math.ceil(0.61 * letters * len(x) / COLUMN)) for x in lines)
    if kind == "table":
        rows = [re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row) for row in text.split("<tr")[1:]]
        rows = rows or [line.strip("|").split("|") for line in text.splitlines()]
        columns = max(map(len, rows))
        wide = sum(max(len(row[k]) if k < len(row) else 0 for row in rows) + 3 for k in range(columns))
        caption = re.search("<caption>(.*?)</caption>", text)
        letters = min(28, max(18, COLUMN / 0.4 / wide), 400 / 1.6 / len(rows))
        lines = len(rows) * math.ceil(0.4 * letters * wide / COLUMN)
        lines += math.ceil(len(caption[1]) * 0.45 / (0.3 * wide)) if caption else 0  # it is as wide as the table
        return letters, 1.6 * letters * lines + 30
    if kind == "formula":
        # A command counts as one sign, and what is only markup as none. The longest row decides.
        signs = re.sub(r"\\[a-zA-Z]+", "x", re.sub(r"\\(begin|end){\w+}", "", text.replace(r"\qquad", "xxx")))
        rows = [re.sub(r"[{}^_ &$\n]", "", row) for row in re.split(r"\\\\|\$\$\n\$\$", signs)]
        letters = min(size, COLUMN / 0.6 / max(map(len, rows)))
        return letters, letters * len(rows) * (3.5 if re.search("frac|sum|prod", text) else 2)
    if kind == "picture":
        return size, 300
    letters = {"caption": 30, "small": 26}.get(kind, size)
    return letters, letters * (1.3 * math.ceil(len(text) * 0.42 * letters / COLUMN) + 0.5)
