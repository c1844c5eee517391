"""MedMNIST v2: twelve sets of small medical images in one form (Yang et al., Scientific Data 10:41, 2023)."""

import math
import os
import zipfile

import numpy as np

from course_utils.data.archive import check_members, reason
from course_utils.data.images import INFO, Split, dataset
from course_utils.data.store import DataError

CITATION = (
    "Yang J, Shi R, Wei D, et al. MedMNIST v2 - A large-scale lightweight benchmark for 2D and 3D biomedical image "
    "classification. Scientific Data 10, 41 (2023). https://doi.org/10.1038/s41597-022-01721-8"
)


def read_npz(path, name, size):
    """Read and check one of MedMNIST's files.

    Parameters
    ----------
    path : path
    name : str
        One of the twelve names, in lower case.
    size : {28, 64, 128, 224}
        Pixels that its images should have.

    Returns
    -------
    Dataset
        With ``source="medmnist"``.

    Raises
    ------
    DataError
        For a file that is not an .npz archive or damaged, that lacks an array, holds Python objects, or whose arrays
        have the wrong dtype, shape or label values. Memory stays below a hundred times the file's size.
    """
    info = INFO[name]
    channels, n_classes = info["n_channels"], len(info["label"])
    multi_label = info["task"].startswith("multi-label")
    columns = n_classes if multi_label else 1

    def wrong(what):
        return DataError(f"{path} is not a {name} file of size {size}: {what}. Delete it and fetch it anew.")

    splits = {}
    try:
        with zipfile.ZipFile(path) as archive:
            check_members(archive, os.path.getsize(path))
            names = archive.namelist()
            for split in ("train", "val", "test"):
                # The headers first: an array that is not as it should be is never read.
                headers = []
                for key in (f"{split}_images", f"{split}_labels"):
                    if names.count(f"{key}.npy") != 1:
                        raise wrong(f"it {'holds twice' if f'{key}.npy' in names else 'lacks'} the array {key}")
                    headers.append(_header(archive, key))
                    if headers[-1][1].hasobject:
                        raise wrong("it holds Python objects, which could run code when loaded, so it was not opened")
                (shape, dtype), (labels_shape, labels_dtype) = headers
                expected = (size, size) if channels == 1 else (size, size, channels)
                if dtype != np.uint8 or shape[1:] != expected or shape[0] < 1:
                    raise wrong(
                        f"{split}_images should be uint8 of shape (N, {', '.join(map(str, expected))}) and is "
                        f"{dtype} of shape {shape}"
                    )
                if labels_dtype.kind not in "ui" or labels_shape != (shape[0], columns):
                    raise wrong(
                        f"{split}_labels should be integers of shape ({shape[0]}, {columns}) and is "
                        f"{labels_dtype} of shape {labels_shape}"
                    )
                images, labels = _array(archive, f"{split}_images"), _array(archive, f"{split}_labels")
                largest = 1 if multi_label else n_classes - 1
                if labels.min() < 0 or labels.max() > largest:
                    raise wrong(f"{split}_labels should lie between 0 and {largest}")
                labels = labels.astype("int64") if multi_label else labels[:, 0].astype("int64")
                splits[split] = Split(images.reshape(-1, size, size, channels), labels)
    except DataError:
        raise
    except PermissionError:
        raise DataError(f"{path} may not be read by you: ask whoever owns it, or change its permissions.") from None
    except MemoryError:
        raise DataError(f"{path} does not fit into the memory: take a smaller size, or close programs.") from None
    except Exception as error:  # a damaged file makes zipfile, zlib and NumPy raise errors of some fifteen kinds
        raise wrong(f"it is damaged or not an .npz archive ({reason(error)})") from None
    return dataset(name, size, "medmnist", info["license"], CITATION, splits)


def _header(archive, key):
    """Shape and dtype of an array in an .npz, from its header, which must account for every byte."""
    member = archive.getinfo(f"{key}.npy")
    with archive.open(member) as file:
        version = np.lib.format.read_magic(file)
        versions = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        if version not in versions:
            raise ValueError(f"{key} is of .npy version {version}, not 1.0 or 2.0")
        shape, _, dtype = versions[version](file)
        # Every byte, because a member's checksum is compared only when all of it has been read.
        if not dtype.hasobject and file.tell() + math.prod(shape) * dtype.itemsize != member.file_size:
            raise ValueError(f"{key} does not have the size that its header states")
    return shape, dtype


def _array(archive, key):
    with archive.open(f"{key}.npy") as file:
        return np.lib.format.read_array(file, allow_pickle=False)
