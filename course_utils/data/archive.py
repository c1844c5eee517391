"""Zip files of others (an .npz is one, too): none of them may fill the memory, and every fault fits into a sentence."""

import textwrap
import zipfile

MOST = 100  # times its own size a zip may hold when unpacked; texts and images shrink to a quarter, hardly to a tenth
SMALL = 2**24  # bytes; up to here nobody minds


def check_members(archive, size):
    """Look at what a zip says that it holds, before any of it is unpacked.

    Parameters
    ----------
    archive : zipfile.ZipFile
    size : int
        Of the zip itself, in bytes.

    Raises
    ------
    zipfile.BadZipFile
        If it says that it unpacks to more than `MOST` times its size, or is not compressed as zips are (bzip2 and LZMA
        are unpacked in pieces of any size).
    """
    unpacked = sum(member.file_size for member in archive.infolist())
    if unpacked > max(MOST * size, SMALL):
        raise zipfile.BadZipFile(f"its {size:,} bytes would unpack to {unpacked:,}, as in a zip made to do harm")
    if any(member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for member in archive.infolist()):
        raise zipfile.BadZipFile("it is compressed in an unusual way; the usual one is deflate")


def unpack(archive, member):
    """The bytes of a member (a ZipInfo); zipfile.BadZipFile if its checksum says that they are not what was packed."""
    with archive.open(member) as file:
        # Without a limit, zipfile unpacks more than the member states. The byte too many makes it compare the CRC, also
        # of a member that states to be empty.
        return file.read(member.file_size + 1)


def reason(error):
    """What an exception of a library says, on one line of at most 200 characters."""
    said = getattr(error, "strerror", None) or str(error)
    return textwrap.shorten(said, 200, placeholder=" …") or type(error).__name__
