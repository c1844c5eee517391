"""The real data on this computer, as the catalogue lists it: `course data list`, `fetch` and `verify`."""

from course_utils.data import DataError, catalogue, store


def listed():
    """The catalogue as a table for people.

    Returns
    -------
    list of dict
        A row of texts for each data set: its name, what it holds, its licence, and what of it is on this computer.
    list of str
        A sentence for each set of which files are missing while others are there.
    """
    here, incomplete = {}, []
    for name, file, _, place in catalogue.present():
        here.setdefault(name, {}).setdefault(file, place)
    rows = []
    for name, entry in catalogue.SETS.items():
        found, sizes = here.get(name, {}), [file.bytes for file in catalogue.files(name)]
        missing = [file.name for file in entry.files if file not in found and not file.pixels]
        if found and missing:
            state = f"{len(found)} of {len(entry.files)} files"
            incomplete.append(f"{name}: missing: {', '.join(missing)} (uv run course data fetch {name})")
        else:
            state = "; ".join(dict.fromkeys(f"{f.pixels} px in {p}" if f.pixels else p for f, p in found.items()))
        rows.append(
            {
                "name": name,
                "what": f"{entry.what}{f', {sum(sizes) / 1e6:.1f} MB' if all(sizes) else ''}",
                "licence": entry.licence,
                "on this computer": state or "no",
            }
        )
    return rows, incomplete


def fetch(names, pixels, tell):
    """Bring data sets to this computer; what is there already is checked.

    Parameters
    ----------
    names : list of str
        Names in the catalogue; "chapters" stands for those that the chapters ask for.
    pixels : int
        Of the images, where a set comes in several sizes.
    tell : callable
        Called with a line for each file that is there.

    Returns
    -------
    list of str
        What went wrong, a sentence for each file.

    Raises
    ------
    ValueError
        For an unknown name or size; then nothing is fetched.
    """
    names = [one for name in names for one in (catalogue.CHAPTERS if name == "chapters" else [name])]
    wanted = [(name, file) for name in names for file in catalogue.files(name, pixels)]
    failed = []
    for name, file in wanted:
        try:
            tell(f"{name}: {catalogue.bring(file)[0]}")
        except DataError as error:
            failed.append(f"{name}, {file.name}: {error}")
    return failed


def verify(tell):
    """Check every data file on this computer: its MD5 and what it holds. Parameter and result as for :func:`fetch`."""
    failed, found = [], list(catalogue.present())
    for _, file, path, _ in found:
        try:
            catalogue.check(file, path)
            tell(f"ok   {path}")
        except DataError as error:
            failed.append(str(error))
    if not found:
        tell(
            f"No data files on this computer (looked in {', '.join(map(str, store.folders().values()))}). The course "
            f"runs on generated data; to fetch real data: uv run course data fetch {' '.join(catalogue.CHAPTERS)}"
        )
    return failed
