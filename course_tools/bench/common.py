"""What both benches need: their one kind of fault, folds that can be scored, and a warning."""

NOT_COMPARABLE = "GENERATED DATA, not to be compared with published figures."


class BenchError(ValueError):
    """What was asked for cannot be measured; the message says why and what to do."""


def divided(truths, folds, divide):
    """The division into folds that `divide` makes, if each part that is held out can be scored.

    Parameters
    ----------
    truths : array of bool (N, K)
        Of each case and each class, or finding: whether it has it.
    folds : int
    divide : callable
        Without arguments; gives a list of (fitted, held out), each an index of cases, one pair a fold. It is not
        called where there are more folds than cases of a class.

    Returns
    -------
    list
        What `divide` gave.

    Raises
    ------
    BenchError
        If in a part that is held out a class is missing, or all cases have it.
    """
    truths = truths[:, truths.any(axis=0) & ~truths.all(axis=0)]  # what some have and some have not
    fewest = min(truths.sum(axis=0).min(), (~truths).sum(axis=0).min()) if truths.size else 0
    parts = divide() if folds <= fewest else []
    if not parts or not all(truths[held].any(axis=0).all() and not truths[held].all(axis=0).any() for _, held in parts):
        raise BenchError(f"In some of {folds} folds there would be no case of a class. Take fewer: --folds 5, say.")
    return parts
