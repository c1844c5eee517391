"""MedMNIST files that somebody gives with verify=False: whatever is wrong with one is said in one sentence."""

import io
import struct
import tracemalloc
import zipfile
import zlib

import numpy as np
import pytest

from course_utils.data import DataError, medmnist


def arrays():
    rng = np.random.default_rng(0)
    made = {}
    for split in ("train", "val", "test"):
        made[f"{split}_images"] = rng.integers(0, 256, (5, 28, 28), dtype="uint8")
        made[f"{split}_labels"] = (np.arange(5) % 2).astype("uint8")[:, None]
    return made


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def npy_with(header, data=b"", version=b"\x01\x00"):
    """An .npy file whose header says whatever we like."""
    size = struct.pack("<H" if version == b"\x01\x00" else "<I", len(header) + 1)
    return b"\x93NUMPY" + version + size + header.encode() + b"\n" + data


def write(folder, members=None, method=zipfile.ZIP_DEFLATED, twice=()):
    """A sound file of BreastMNIST's form, with some members changed, left out (None), renamed or put in twice."""
    contents = {f"{key}.npy": npy(array) for key, array in arrays().items()} | (members or {})
    with zipfile.ZipFile(folder / "breastmnist.npz", "w", method) as archive:
        for name, content in [*contents.items(), *twice]:
            if content is not None:
                archive.writestr(name, content)
    return folder / "breastmnist.npz"


def stated(path, name, **changes):
    """Change what the zip states about a member, in both of its headers: CRC, file_size, flag_bits."""
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        local = archive.getinfo(name).header_offset
    central = next(
        at
        for at in range(len(data))
        if data[at : at + 4] == b"PK\x01\x02" and data[at + 46 : at + 46 + len(name)] == name.encode()
    )
    places = {"flag_bits": (6, 8, "<H"), "CRC": (14, 16, "<I"), "file_size": (22, 24, "<I")}
    for what, value in changes.items():
        in_local, in_central, form = places[what]
        struct.pack_into(form, data, local + in_local, value)
        struct.pack_into(form, data, central + in_central, value)
    path.write_bytes(data)


def refused(path, words):
    """One sentence or two, no line break, no raw dump; and no more memory than the file warrants."""
    tracemalloc.start()
    with pytest.raises(DataError, match=words) as error:
        medmnist.read_npz(path, "breastmnist", 28)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    said = str(error.value)
    assert said.startswith(str(path))
    assert "\n" not in said
    assert len(said) < len(str(path)) + 450
    assert peak < 20e6


def test_a_sound_file(tmp_path):
    data = medmnist.read_npz(write(tmp_path), "breastmnist", 28)
    np.testing.assert_array_equal(data.val.images[..., 0], arrays()["val_images"])
    np.testing.assert_array_equal(data.val.labels, [0, 1, 0, 1, 0])


def test_columns_first_and_other_integers_are_sound(tmp_path):
    images = np.asfortranarray(arrays()["train_images"])
    labels = arrays()["train_labels"].astype(">i8")
    path = write(tmp_path, {"train_images.npy": npy(images), "train_labels.npy": npy(labels)})
    data = medmnist.read_npz(path, "breastmnist", 28)
    np.testing.assert_array_equal(data.train.images[..., 0], images)
    assert data.train.labels.dtype == np.int64


FORM = "{'descr': '|u1', 'fortran_order': False, 'shape': %s}"
HEADERS = {
    "10^12 images": FORM % "(1275510204, 28, 28)",
    "more than fits into 64 bits": FORM % f"({10**30}, 28, 28)",
    "fewer than none": FORM % "(-5, 28, 28)",
    "no dimension": FORM % "()",
    "shape of text": FORM % "('5', 28, 28)",
    "no dictionary": "[1, 2]",
    "no Python": "{'descr': ",
    "an unfinished string": "'''",
    "indented": "  x\n y",
    "nested": "(" * 3000,
    "unhashable": "{[]: 1}",
    "keys that cannot be sorted": "{1: 2, 'descr': 3}",
    "type of nonsense": "{'descr': 'zz', 'fortran_order': False, 'shape': (5, 28, 28)}",
    "type without size": "{'descr': '|V0', 'fortran_order': False, 'shape': (5, 28, 28)}",
    "a table": "{'descr': [('a', '|u1')], 'fortran_order': False, 'shape': (5, 28, 28)}",
    "long": FORM % "(5, 28, 28)" + " " * 50_000,
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_headers_that_are_wrong(tmp_path, header):
    data = arrays()["train_images"].tobytes()
    refused(write(tmp_path, {"train_images.npy": npy_with(header, data)}), "is not a breastmnist file of size 28")


@pytest.mark.parametrize("version", [b"\x03\x00", b"\x09\x00"])
def test_versions_of_npy(tmp_path, version):
    content = npy_with(HEADERS["no dimension"], version=version)
    refused(write(tmp_path, {"train_images.npy": content}), "version")


def test_data_longer_or_shorter_than_stated(tmp_path):
    whole = npy(arrays()["train_images"])
    for content in (whole + b"more", whole[:-9]):
        refused(write(tmp_path, {"train_images.npy": content}), "the size that its header states")


def test_a_single_array_instead_of_an_archive(tmp_path):
    np.save(tmp_path / "x.npy", arrays()["train_images"])
    (tmp_path / "x.npy").rename(tmp_path / "breastmnist.npz")
    refused(tmp_path / "breastmnist.npz", "not an .npz archive")


def test_members_that_are_no_arrays(tmp_path):
    changes = {"train_images.npy": None, "train_images": b"raw"}
    refused(write(tmp_path, changes), "lacks the array train_images")
    refused(write(tmp_path, {"train_images.npy": b"raw"}), "damaged")
    refused(write(tmp_path, {"train_images.npy": b""}), "damaged")


def test_python_objects_are_never_opened(tmp_path):
    for key in ("train_images", "val_labels"):
        content = npy(np.array([print, 1], dtype=object)) if key == "val_labels" else npy(np.array([{}] * 5, object))
        refused(write(tmp_path, {f"{key}.npy": content}), "Python objects, which could run code")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_twice(tmp_path):
    other = [("val_labels.npy", npy(1 - arrays()["val_labels"]))]
    refused(write(tmp_path, twice=other), "holds twice the array val_labels")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_compression(tmp_path, method):
    refused(write(tmp_path, method=method), "compressed in an unusual way")


def test_an_encrypted_member(tmp_path):
    path = write(tmp_path)
    stated(path, "val_images.npy", flag_bits=1)
    refused(path, "encrypted")


def test_a_damaged_stream(tmp_path):
    path = write(tmp_path)
    with zipfile.ZipFile(path) as archive:
        at = archive.getinfo("val_images.npy").header_offset + 60
    data = bytearray(path.read_bytes())
    data[at : at + 6] = b"\xff" * 6
    path.write_bytes(data)
    refused(path, "damaged")


def test_a_zip_that_unpacks_to_much_more(tmp_path):
    many = np.zeros((60_000, 28, 28), "uint8")
    content = {"train_images.npy": npy(many), "train_labels.npy": npy(np.zeros((60_000, 1), "uint8"))}
    refused(write(tmp_path, content), "bytes would unpack to")


def test_a_member_that_states_less_than_it_holds(tmp_path):
    """Its first bytes are a sound array; all of it would be 300 MB."""
    content = npy(arrays()["val_images"])
    longer = zlib.compressobj(9, zlib.DEFLATED, -15)
    stream = longer.compress(content) + b"".join(longer.compress(bytes(2**20)) for _ in range(300)) + longer.flush()
    path = write(tmp_path, {"val_images.npy": bytes(len(stream))}, method=zipfile.ZIP_STORED)
    data = path.read_bytes().replace(bytes(len(stream)), stream)
    path.write_bytes(data)
    with zipfile.ZipFile(path) as archive:
        local = archive.getinfo("val_images.npy").header_offset
    data = bytearray(data)
    struct.pack_into("<H", data, local + 8, zipfile.ZIP_DEFLATED)
    central = data.index(b"val_images.npy", local + 100 + len(stream)) - 46
    struct.pack_into("<H", data, central + 10, zipfile.ZIP_DEFLATED)
    path.write_bytes(data)
    stated(path, "val_images.npy", file_size=len(content), CRC=zlib.crc32(content) ^ 1)
    refused(path, "damaged")


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch):
    path = write(tmp_path)

    def forbidden(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(zipfile, "ZipFile", forbidden)
    with pytest.raises(DataError, match="may not be read by you: ask whoever owns it"):
        medmnist.read_npz(path, "breastmnist", 28)


def test_no_memory_for_it(tmp_path, monkeypatch):
    path = write(tmp_path)

    def none_left(*_, **__):
        raise MemoryError

    monkeypatch.setattr(np.lib.format, "read_array", none_left)
    with pytest.raises(DataError, match="does not fit into the memory"):
        medmnist.read_npz(path, "breastmnist", 28)
