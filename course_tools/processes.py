"""Processes as psutil sees them: what has ended meanwhile, or is not ours, counts as nothing and is no error."""

import psutil


def attempt(action, **options):
    """What the action gives; None if the process is gone, or not ours."""
    try:
        return action(**options)
    except (psutil.Error, OSError):
        return None


def family(process):
    """A process and all its descendants: a list, empty if the process is gone."""
    children = attempt(process.children, recursive=True)
    return [] if children is None else [process, *children]


def alive(process):
    """Whether it still runs; what has ended and waits to be asked how does not."""
    return bool(attempt(process.is_running)) and attempt(process.status) not in (None, psutil.STATUS_ZOMBIE)


def memory_mb(process):
    """The memory it holds, in MB."""
    info = attempt(process.memory_info)
    return info.rss / 1e6 if info else 0.0
