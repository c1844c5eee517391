"""A folder for a USB stick, from which the course is installed without a network: `course pack`."""

import hashlib
import json
import os
import shutil
import tomllib
import zipfile
from pathlib import Path

from packaging import tags
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

from course_tools import chapter
from course_tools.lock import export_lock
from course_utils.data import catalogue, store

PYTHONS = ("3.11", "3.12", "3.13")
# For each platform: what its wheels are called, the oldest system first, so that a wheel for an old system wins over
# one for a new system; and what Python says there in the variables that a lock's markers ask for.
MACS = list(reversed(list(tags.mac_platforms((14, 0), "arm64"))))


def _linux(machine):
    named = [f"manylinux{year}_{machine}" for year in (1, 2010, 2014)]
    return named + [f"manylinux_2_{glibc}_{machine}" for glibc in range(5, 29)]  # 2.28: Debian 10, Ubuntu 20.04


PLATFORMS = {
    "windows": (["win_amd64"], {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows"}),
    "macos": (MACS, {"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin"}),
    "linux": (_linux("x86_64"), {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"}),
    "linux-arm": (_linux("aarch64"), {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"}),
}
MACHINES = {"windows": "AMD64", "macos": "arm64", "linux": "x86_64", "linux-arm": "aarch64"}
# What a learner needs of the project.
COURSE = ("README.md", "LICENSE", "CITATION.cff", "pyproject.toml", "uv.lock", "course_utils", "course_tools")
COURSE += ("lessons", "notebooks", "site")
SUMS = "SHA256SUMS"  # in the form that the program sha256sum reads


class PackError(Exception):
    """The folder cannot be made; the message says why and what to do."""


def wheels(platforms, pythons):
    """The wheels of everything the course needs, for each platform and Python.

    Parameters
    ----------
    platforms : list of str
        Keys of `PLATFORMS`.
    pythons : list of str
        Such as ``"3.13"``.

    Returns
    -------
    dict of str to (str, str)
        File name: (address, SHA-256), as uv.lock has them.

    Raises
    ------
    PackError
        If the lock has no wheel of a package for one of them.
    """
    with open(chapter.ROOT / "uv.lock", "rb") as file:
        packages = tomllib.load(file)["package"]
    files = {}
    for package in packages:
        key = (canonicalize_name(package["name"]), package.get("version"))
        for wheel in package.get("wheels", ()):
            name = wheel["url"].rpartition("/")[2]
            files.setdefault(key, []).append((name, wheel["url"], wheel["hash"].removeprefix("sha256:")))
    pins = [Requirement(line) for line in export_lock("--no-hashes", "--group", "pack").splitlines()]
    found = {}
    for platform in platforms:
        names, variables = PLATFORMS[platform]
        for python in pythons:
            minor = tuple(map(int, python.split(".")))
            abi = f"cp{minor[0]}{minor[1]}"
            ranks = list(tags.cpython_tags(minor, [abi], names))
            ranks += tags.compatible_tags(minor, abi, names)
            for pin in pins:
                # Some markers tell 3.11.2 from 3.11.9; take what either needs.
                if pin.marker and not any(
                    pin.marker.evaluate(
                        variables
                        | {"python_version": python, "python_full_version": f"{python}.{patch}"}
                        | {"platform_machine": MACHINES[platform], "implementation_name": "cpython"}
                    )
                    for patch in (0, 30)
                ):
                    continue
                (version,) = (specifier.version for specifier in pin.specifier)
                offered = files.get((canonicalize_name(pin.name), version), ())
                fitting = [(ranks.index(tag), file) for file in offered for tag in _tags(file[0]) if tag in ranks]
                if not fitting:
                    raise PackError(f"{pin.name} {version} has no wheel for {platform} and Python {python}.")
                name, url, sha256 = min(fitting)[1]
                found[name] = (url, sha256)
    return found


def _tags(filename):
    return parse_wheel_filename(filename)[3]


def pack(out, platforms, pythons, tell=print):
    """Make or complete the folder `out`. What is already there and right is kept: after a fault, ask again.

    Parameters
    ----------
    out : pathlib.Path
        A folder: new, empty, or one that this function has begun.
    platforms, pythons : list of str
        See :func:`wheels`.
    tell : callable
        Called with each line of the report.

    Raises
    ------
    PackError, course_utils.data.store.DataError, OSError
    """
    plan = out / "pack.json"
    if out.exists() and not out.is_dir():
        raise PackError(f"{out} is a file. Name a folder, or a zip that does not exist yet.")
    if out.is_dir() and any(_part_of_pack(file.name) for file in out.iterdir()) and not plan.exists():
        raise PackError(f"{out} holds other files. Name a new folder.")
    wanted, pins = wheels(platforms, pythons), export_lock("--group", "pack", "--no-emit-package", "pip")
    (out / "wheels").mkdir(parents=True, exist_ok=True)
    # pip itself stays out: its wheel is what installs, and on Windows it refuses to install itself.
    (out / "requirements.txt").write_text(pins, encoding="utf-8")
    plan.write_text(json.dumps({"platforms": list(platforms), "pythons": list(pythons)}) + "\n", encoding="utf-8")
    (out / SUMS).unlink(missing_ok=True)  # until the end, this is no whole pack
    for old in (out / "wheels").iterdir():
        if old.name.removesuffix(".part") not in wanted:
            old.unlink()
    here = {f.name for f in (out / "wheels").iterdir() if f.name in wanted and _sha256(f) == wanted[f.name][1]}
    tell(f"{len(wanted)} packages, of which {len(here)} are here already.")
    for name in sorted(wanted.keys() - here):
        (out / "wheels" / name).unlink(missing_ok=True)
        url, sha256 = wanted[name]
        store.fetch(url, name, folder=out / "wheels", sha256=sha256)
    for lock in (out / "wheels").glob(".*.lock"):
        lock.unlink()
    shutil.rmtree(out / "course", ignore_errors=True)
    for name in COURSE:
        source, target = chapter.ROOT / name, out / "course" / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    shutil.rmtree(out / "site", ignore_errors=True)
    shutil.copytree(chapter.ROOT / "build" / "site", out / "site")
    for source in (chapter.ROOT / "deploy" / "stick").iterdir():
        shutil.copy(source, out / source.name)
    tell(_data(out / "data"))
    listed = sorted(file for file in out.rglob("*") if file.is_file() and file.name != SUMS)
    listed = [file for file in listed if _part_of_pack(file.relative_to(out).as_posix())]
    sums = "".join(f"{_sha256(file)}  {file.relative_to(out).as_posix()}\n" for file in listed)
    (out / SUMS).write_text(sums, encoding="utf-8")
    size = sum(file.stat().st_size for file in listed) / 1e9
    tell(f"{out}: {len(wanted)} wheels, {len(listed)} files, {size:.2f} GB.")


def _data(folder):
    """Bring the data that the chapters ask for into `folder`, with a page of licences; say what is there now."""
    missing, licences = [], []
    for name in catalogue.CHAPTERS:
        for file in catalogue.files(name):
            target = folder / file.path
            try:
                path = target if target.exists() else store.find(file.path)[0] or catalogue.fetch(file, folder)
                store.check_md5(path, file.md5)
                if path != target:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(path, target)
            except store.DataError as error:
                missing.append(f"{file.path}: {error}")
        entry = catalogue.SETS[name]
        paths = ", ".join(file.path for file in catalogue.files(name))
        licences.append(f"{paths}: {entry.licence}. {entry.citation}\n")
    for lock in folder.rglob(".*.lock"):
        lock.unlink()
    (folder / "LICENCES.txt").write_text("\n".join(licences), encoding="utf-8")
    if missing:
        return "\n".join(["*** Real data is missing; the chapters will use generated data in its place.", *missing])
    return f"Real data: {', '.join(catalogue.CHAPTERS)}, with their licences in data/LICENCES.txt."


def verify(place):
    """What is wrong with a pack (a folder or a zip): a list of sentences, empty if all is well.

    Raises
    ------
    PackError
        If it is no pack, or was never finished.
    """
    if zipfile.is_zipfile(place):
        with zipfile.ZipFile(place) as archive:
            top = f"{Path(place).stem}/"
            names = {info.filename.removeprefix(top) for info in archive.infolist() if not info.is_dir()}
            return _compare(names, lambda name: archive.open(top + name))
    place = Path(place)
    names = {file.relative_to(place).as_posix() for file in place.rglob("*") if file.is_file()}
    return _compare(names, lambda name: open(place / name, "rb"))


def _compare(names, opened):
    if SUMS not in names:
        raise PackError(f"There is no {SUMS}: this is no pack, or it was not finished. Run the same command again.")
    with opened(SUMS) as file:
        lines = file.read().decode().splitlines()
    sums = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    wrong = [f"missing: {name}" for name in sorted(sums.keys() - names)]
    wrong += [f"not part of the pack: {name}" for name in sorted(names - sums.keys() - {SUMS}) if _part_of_pack(name)]
    for name in sorted(sums.keys() & names):
        try:
            with opened(name) as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != sums[name]:
                    wrong.append(f"changed: {name}")
        except (OSError, zipfile.BadZipFile) as error:
            wrong.append(f"cannot be read: {name} ({error})")
    return wrong


def _part_of_pack(name):
    """Not what systems leave on sticks, nor the folder python, in which a teacher puts Python's installers."""
    first = name.partition("/")[0]
    return not (first.startswith(".") or first in ("python", "System Volume Information") or "/." in name)


def zipped(folder):
    """Put a pack into a zip beside it; wheels are compressed already."""
    target = folder.with_name(f"{folder.name}.zip")
    part = target.with_name(f"{target.name}.part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, f"{folder.name}/{file.relative_to(folder).as_posix()}")
    os.replace(part, target)
    return target


def _sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
