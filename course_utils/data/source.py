"""Real or generated: what is tried first, and how it is said which of the two it is."""

from course_utils.data.store import DownloadError


def notice(source, why=None):
    """The sentence that must stand wherever generated data is used; None for real data.

    Parameters
    ----------
    source : str or None
        A data set's ``.source``.
    why : str, optional
        The reason, appended.
    """
    if source not in ("phantom", "simulator"):
        return None
    return f"GENERATED DATA ({source}), not real patients" + (f": {why}" if why else "")


def real_or_generated(source, kind, real, generated, lacking):
    """The real data or the generated, as `source` wants it; one line is printed that says which, and where from.

    Parameters
    ----------
    source : str
        ``"real"``: never anything else. The generated data's own name: neither disk nor network is touched.
        ``"auto"``: the real data, and where that cannot be had, the generated.
    kind : str
        What the generated data is called: ``"phantom"`` or ``"simulator"``.
    real : callable
        Called without arguments; gives the data, and where it is from, in words.
    generated : callable
        Called without arguments; gives the data.
    lacking : str
        What to say, before the cause, where generated data has to do.

    Raises
    ------
    ValueError
        For an unknown source.
    DataError
        What `real` raises. A :class:`DownloadError` only where nothing else may take the real data's place.
    """
    if source not in ("auto", "real", kind):
        raise ValueError(f'source is "auto", "real" or "{kind}", not {source!r}.')
    why = None
    if source != kind:
        try:
            data, place = real()
        except DownloadError as error:
            if source == "real":
                raise
            why = f"{lacking} {error}"
        else:
            print(f"Data: {data} (from {place})")
            return data
    print(f"*** {notice(kind, why)}")
    return generated()
