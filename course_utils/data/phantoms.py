"""Generated images in MedMNIST's form whose lesions are known, to the pixel.

A phantom is a test object: nobody's body, but built so that the truth is known. Each image holds a background that
looks like its modality (ultrasound speckle, ribs and lungs, blood cells), a lesion at a random place, a mask of where
it is, and a severity between 0 and 1. Real labels are never perfectly told by the image, so these are not either: the
class is drawn from the severity with a known probability, and contrast is low. A linear model on pixels, which must
expect the lesion in one place, does badly; a small CNN does well; nothing does perfectly.

Everything is computed on coordinates from -1 to 1, so that one recipe serves all sizes.
"""

import zlib
from numbers import Integral

import numpy as np

from course_utils.data import medmnist
from course_utils.data.medmnist import INFO, Split

LARGEST = {"train": 1000, "val": 200, "test": 400}  # images, where the real set has more
CHUNK_PIXELS = 2_000_000  # images are drawn so many pixels at a time, to bound memory


def make_phantom(name, size=28, seed=0, counts=None):
    """Generate a phantom of a MedMNIST set: same shapes, same labels, known lesions.

    Parameters
    ----------
    name : str
        One of the twelve 2D names.
    size : {28, 64, 128, 224}
        Height and width in pixels.
    seed : int
        The same seed gives the same images, whatever else was generated before.
    counts : dict, optional
        Images wanted in ``"train"``, ``"val"`` and ``"test"``, at least 1 in each; by default as many as the real set
        has, at most 1000, 200 and 400.

    Returns
    -------
    Dataset
        With ``source="phantom"`` and, in each split, ``masks`` (bool, (N, H, W)) and ``severity`` (0 to 1, (N,)).

    Examples
    --------
    >>> data = make_phantom("breastmnist")
    >>> data.train.images.shape, data.train.masks.shape
    ((546, 28, 28, 1), (546, 28, 28))
    """
    name = medmnist.known_name(name)
    if size not in medmnist.SIZES:
        raise ValueError(f"MedMNIST has no size {size!r}; it has {', '.join(map(str, medmnist.SIZES))}.")
    info = INFO[name]
    counts = {split: min(info["n_samples"][split], most) for split, most in LARGEST.items()} | _checked_counts(counts)
    splits = {}
    for number, (split, n) in enumerate(counts.items()):
        rng = np.random.default_rng([seed, zlib.crc32(name.encode()), number])
        parts, step = [], max(1, CHUNK_PIXELS // size**2)
        for start in range(0, n, step):
            parts.append(_draw(name, info, min(step, n - start), size, rng))
        images, labels, masks, severity = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        splits[split] = Split(images, labels, masks, severity)
    return medmnist._dataset(name, size, "phantom", splits)


def _checked_counts(counts):
    counts = {} if counts is None else counts
    if not isinstance(counts, dict) or not all(
        split in LARGEST and isinstance(n, Integral) and n >= 1 for split, n in counts.items()
    ):
        raise ValueError(
            f"counts should be a dict that gives whole numbers, at least 1, for some of {', '.join(LARGEST)}; "
            f"found {counts!r}."
        )
    return counts


def _draw(name, info, n, size, rng):
    """n images: uint8 (n, H, W, C), labels, masks, severity. Each scene works on floats from 0 (black) to 1."""
    grid = Grid(n, size, rng)
    if name == "breastmnist":
        image, labels, masks, severity = _breast(grid)
    elif name == "pneumoniamnist":
        image, labels, masks, severity = _pneumonia(grid)
    elif name == "chestmnist":
        image, labels, masks, severity = _chest(grid, len(info["label"]))
    elif name == "bloodmnist":
        image, labels, masks, severity = _blood(grid)
    elif info["task"] == "ordinal-regression":
        image, labels, masks, severity = _graded(grid, len(info["label"]))
    else:
        image, labels, masks, severity = _generic(grid, len(info["label"]))
    if image.ndim == 3:
        image = image[..., None]
    if image.shape[-1] != info["n_channels"]:  # a grey scene for a colour set: a brownish tint
        image = image * np.array([1.0, 0.8, 0.7]) + np.array([0.0, 0.05, 0.1])
    images = np.clip(image * 255, 0, 255).astype("uint8")
    return images, labels.astype("int64"), masks, severity.astype("float32")


class Grid:
    """Coordinates for n images, and the few shapes every scene is made of; all arrays are (n, H, W) floats."""

    def __init__(self, n, size, rng):
        self.n, self.size, self.rng = n, size, rng
        line = np.linspace(-1, 1, size, dtype="float32")
        self.y, self.x = line[None, :, None], line[None, None, :]

    def uniform(self, low, high, n=None):
        """One random number an image, shaped (n, 1, 1) so that it meets a picture."""
        return self.rng.uniform(low, high, n or self.n).astype("float32")[:, None, None]

    def noise(self, waves):
        """Smooth noise with about `waves` bumps across the image: mean 0, standard deviation 1."""
        coarse = self.rng.standard_normal((self.n, waves + 1, waves + 1), dtype="float32")
        weights = _interpolation(self.size, waves + 1)  # (H, waves + 1)
        smooth = weights @ coarse @ weights.T
        return smooth / smooth.std(axis=(1, 2), keepdims=True)

    def ellipse(self, cx, cy, rx, ry, angle=0.0, lobes=0, depth=0.0, phase=0.0):
        """Distance-like field: below 1 inside an ellipse whose edge may be wavy (`lobes` waves of relative `depth`)."""
        dx, dy = self.x - cx, self.y - cy
        u, v = np.cos(angle) * dx + np.sin(angle) * dy, np.cos(angle) * dy - np.sin(angle) * dx
        field = np.sqrt((u / rx) ** 2 + (v / ry) ** 2)
        if np.any(depth):
            field = field / (1 + depth * np.sin(lobes * np.arctan2(v / ry, u / rx) + phase))
        return field

    def soft(self, field, edge=0.15):
        """1 inside, 0 outside, with an edge `edge` wide."""
        return np.clip((1 - field) / edge + 0.5, 0, 1)


def _interpolation(size, nodes):
    """Matrix (size, nodes) that interpolates linearly from `nodes` points to `size` pixels."""
    at = np.linspace(0, nodes - 1, size, dtype="float32")
    return np.clip(1 - np.abs(at[:, None] - np.arange(nodes, dtype="float32")[None]), 0, None)


def _class_from(severity, rng, sharpness):
    """Draw 0 or 1 with the known probability of disease 1 / (1 + exp(-sharpness (severity - 0.5)))."""
    return (rng.random(len(severity)) < 1 / (1 + np.exp(-sharpness * (severity - 0.5)))).astype("int64")


def _breast(g):
    """Ultrasound: speckled layers and a dark mass. The worse, the more ragged and taller it is, the more shadow."""
    severity = g.rng.beta(0.7, 0.9, g.n)
    malignant = _class_from(severity, g.rng, 10.0)
    seen = (malignant == 1) | (g.rng.random(g.n) < 0.85)  # some healthy breasts show no mass at all
    severity = np.where(seen, severity, 0.0)
    s, seen = severity.astype("float32")[:, None, None], seen[:, None, None]

    layers = 0.06 * np.sin(g.y * g.uniform(3, 6) + g.uniform(0, 6.3) + 0.6 * g.noise(3))
    tissue = 0.52 + layers + 0.05 * g.noise(5) - 0.10 * (g.y + 1) * g.uniform(0.3, 1.0)
    cx, cy, r = g.uniform(-0.45, 0.45), g.uniform(-0.4, 0.2), g.uniform(0.26, 0.44)
    tall = 0.9 + 0.3 * s + g.uniform(-0.12, 0.12)
    ragged = np.clip(0.03 + 0.28 * s + g.uniform(-0.05, 0.05), 0, None)
    waves, phase = np.round(g.uniform(5, 9)), g.uniform(0, 6.3)
    field = g.ellipse(cx, cy, r / tall, r * tall * 0.9, g.uniform(-0.4, 0.4), waves, ragged, phase)
    mass = g.soft(field, 0.2) * seen
    behind = g.soft(np.abs(g.x - cx) / (r * 0.8), 0.5) * (g.y > cy) * (1 - mass) * seen
    image = tissue - g.uniform(0.16, 0.28) * mass + (0.08 - 0.2 * s + g.uniform(-0.06, 0.06)) * behind
    image = image * (1 + 0.10 * g.noise(14) + 0.08 * g.noise(27))  # speckle multiplies
    return image, 1 - malignant, (field < 1) & seen, severity


def _thorax(g, heart=0.0):
    """A chest radiograph without findings: dark lungs, a bright middle, ribs. Returns the image and the lung fields."""
    wide, high, dx, dy = g.uniform(0.28, 0.38), g.uniform(0.58, 0.76), g.uniform(-0.12, 0.12), g.uniform(-0.12, 0.1)
    left = g.ellipse(dx - g.uniform(0.42, 0.50), dy, wide, high, g.uniform(0.02, 0.14))
    right = g.ellipse(dx + g.uniform(0.42, 0.50), dy, wide, high, g.uniform(-0.14, -0.02))
    lungs = np.maximum(g.soft(left, 0.25), g.soft(right, 0.25))
    ribs = np.sin(g.uniform(13, 17) * (g.y + 0.35 * g.x**2) + g.uniform(0, 6.3))
    cardiac = g.soft(g.ellipse(g.uniform(0.06, 0.16), g.uniform(0.26, 0.36), 0.26 + heart, 0.30 + 0.5 * heart), 0.3)
    image = 0.66 - 0.34 * lungs + 0.035 * ribs * lungs + 0.16 * cardiac * lungs + 0.03 * g.noise(4)
    return image * g.uniform(0.75, 1.15), lungs


def _pneumonia(g):
    """Chest radiograph; pneumonia fills part of a lung with a patchy shadow. The worse, the larger and denser."""
    severity = g.rng.beta(0.7, 0.6, g.n)
    sick = _class_from(severity, g.rng, 10.0)
    s = severity.astype("float32")[:, None, None]
    image, lungs = _thorax(g)
    side = np.sign(g.uniform(-1, 1))
    field = g.ellipse(
        side * g.uniform(0.32, 0.56),
        g.uniform(-0.45, 0.45),
        0.14 + 0.2 * s,
        0.16 + 0.26 * s,
        g.uniform(-0.7, 0.7),
        3,
        0.2,
        g.uniform(0, 6.3),
    )
    patch = g.soft(field, 0.5) * lungs
    bronchi = g.noise(13)  # air in the airways leaves dark branches in the shadow
    # Healed scars: small, sharp and smooth, in sick and healthy alike. They mislead whoever only adds up brightness.
    for _ in range(4):
        scar = g.ellipse(np.sign(g.uniform(-1, 1)) * g.uniform(0.25, 0.65), g.uniform(-0.6, 0.6), 0.11, 0.11)
        image = image + g.uniform(0.1, 0.4) * g.soft(scar, 0.15) * lungs
    image = image + patch * (0.02 + 0.12 * s + 0.16 * s * bronchi) + 0.02 * g.noise(9) + 0.015 * g.noise(27)
    return image, sick, (field < 1) & (lungs > 0.5), severity


# Where a finding lies (cx, cy; the side is drawn), how far that varies, its radii, brightness, texture in waves.
FINDINGS = (
    (0.42, 0.30, 0.10, 0.26, 0.07, 0.22, 0),  # atelectasis: a plate-like band
    (0.10, 0.30, 0.00, 0.00, 0.00, 0.00, 0),  # cardiomegaly: the heart itself is drawn larger
    (0.46, 0.58, 0.04, 0.32, 0.16, 0.30, 0),  # effusion: fluid at the base
    (0.44, 0.00, 0.20, 0.26, 0.26, 0.14, 9),  # infiltration: a faint patchy shadow
    (0.44, 0.00, 0.25, 0.19, 0.19, 0.30, 0),  # mass: large, round
    (0.44, 0.00, 0.30, 0.09, 0.09, 0.32, 0),  # nodule: small, round
    (0.44, 0.20, 0.15, 0.22, 0.28, 0.24, 7),  # pneumonia
    (0.56, -0.45, 0.05, 0.16, 0.22, -0.20, 0),  # pneumothorax: black apex
    (0.44, -0.10, 0.20, 0.24, 0.20, 0.30, 5),  # consolidation
    (0.28, -0.05, 0.05, 0.18, 0.40, 0.20, 4),  # edema: both hila
    (0.46, -0.05, 0.05, 0.30, 0.55, -0.12, 0),  # emphysema: the whole lung too dark
    (0.50, 0.35, 0.10, 0.24, 0.30, 0.16, 14),  # fibrosis: fine lines at the base
    (0.72, 0.00, 0.10, 0.06, 0.45, 0.26, 0),  # pleural thickening: a stripe at the edge
    (0.12, 0.52, 0.04, 0.20, 0.14, -0.28, 0),  # hernia: a dark bubble behind the heart
)


def _chest(g, n_labels):
    """Chest radiograph with any number of the fourteen findings, each on its own label."""
    prevalence = np.linspace(0.22, 0.08, n_labels)
    labels = (g.rng.random((g.n, n_labels)) < prevalence).astype("int64")
    strength = g.rng.uniform(0.35, 1.0, (g.n, n_labels)).astype("float32") * labels
    image, _ = _thorax(g, heart=0.16 * strength[:, 1, None, None])
    masks = np.zeros((g.n, g.size, g.size), bool)
    for k, (cx, cy, spread, rx, ry, brightness, waves) in enumerate(FINDINGS):
        if rx == 0:
            continue
        present = strength[:, k, None, None]
        side = np.sign(g.uniform(-1, 1))
        field = g.ellipse(
            side * (cx + g.uniform(-0.5, 0.5) * spread), cy + g.uniform(-1, 1) * spread, rx, ry, g.uniform(-0.3, 0.3)
        )
        texture = 1 + 0.6 * g.noise(waves) if waves else 1.0
        image = image + brightness * present * g.soft(field, 0.4) * texture
        masks |= (field < 1) & (present > 0)
    return image + 0.02 * g.noise(27), labels, masks, strength.max(axis=1)


# Radius of the cell, nucleus relative to it, lobes of the nucleus and their depth, granules, cytoplasm (RGB).
CELLS = (
    (0.50, 0.62, 2, 0.30, 0.22, (0.62, 0.52, 0.72)),  # basophil: coarse dark granules
    (0.52, 0.58, 2, 0.42, 0.20, (0.86, 0.58, 0.56)),  # eosinophil: orange granules, two lobes
    (0.40, 0.60, 0, 0.00, 0.02, (0.66, 0.62, 0.76)),  # erythroblast: small, round nucleus
    (0.58, 0.72, 1, 0.22, 0.12, (0.74, 0.66, 0.80)),  # immature granulocyte: kidney-shaped nucleus
    (0.40, 0.82, 0, 0.00, 0.02, (0.66, 0.70, 0.86)),  # lymphocyte: hardly any cytoplasm
    (0.62, 0.66, 1, 0.34, 0.04, (0.70, 0.70, 0.80)),  # monocyte: large, folded nucleus
    (0.52, 0.56, 3, 0.46, 0.08, (0.82, 0.72, 0.78)),  # neutrophil: three lobes
    (0.18, 0.50, 0, 0.00, 0.10, (0.66, 0.54, 0.76)),  # platelet: tiny, no nucleus to speak of
)


def _blood(g):
    """A stained white cell among red ones. Severity is how strongly the stain has taken: the weaker, the harder."""
    labels = g.rng.integers(0, len(CELLS), g.n)
    radius, ratio, lobes, depth, granules, _ = (
        np.array([cell[i] if i < 5 else 0 for cell in CELLS], "float32")[labels][:, None, None] for i in range(6)
    )
    colour = np.array([cell[5] for cell in CELLS], "float32")[labels][:, None, None, :]
    stain = g.uniform(0.45, 1.0)
    image = np.ones((g.n, g.size, g.size, 3), "float32") * np.array([0.93, 0.86, 0.84], "float32")
    for _ in range(4):  # red cells, pale in the middle
        red = g.ellipse(g.uniform(-1, 1), g.uniform(-1, 1), g.uniform(0.3, 0.4), g.uniform(0.3, 0.4))
        image -= (g.soft(red, 0.2) * (0.4 + 0.6 * np.clip(red, 0, 1)))[..., None] * np.array([0.06, 0.26, 0.22])
    cx, cy = g.uniform(-0.25, 0.25), g.uniform(-0.25, 0.25)
    r = radius * g.uniform(0.82, 1.18)
    field = g.ellipse(cx, cy, r, r * g.uniform(0.88, 1.12), g.uniform(0, 3), 3, 0.04, g.uniform(0, 6.3))
    inside = g.soft(field, 0.12)[..., None]
    speckled = colour + (granules * g.noise(16))[..., None]
    image = image * (1 - inside) + inside * (image * (1 - stain[..., None]) + speckled * stain[..., None])
    rn = r * ratio * g.uniform(0.88, 1.12)
    core = g.ellipse(
        cx + 0.1 * r * g.uniform(-1, 1),
        cy + 0.1 * r * g.uniform(-1, 1),
        rn,
        rn,
        g.uniform(0, 3),
        lobes,
        depth,
        g.uniform(0, 6.3),
    )
    nucleus = (g.soft(core, 0.15) * (0.55 + 0.45 * stain))[..., None]
    image = image * (1 - nucleus) + nucleus * np.array([0.36, 0.22, 0.52], "float32")
    image = image + (0.03 * g.noise(20))[..., None]
    return image, labels, field < 1, stain[:, 0, 0]


def _graded(g, n_grades):
    """A fundus with dark spots whose number grows with the grade: an ordinal task."""
    severity = g.rng.beta(0.8, 1.1, g.n)
    grade = np.clip(np.floor(severity * n_grades + g.rng.normal(0, 0.35, g.n)), 0, n_grades - 1)
    disc = g.soft(g.ellipse(0, 0, 0.95, 0.95), 0.06)
    image = 0.12 + disc * (0.5 + 0.05 * g.noise(4))
    image = image + 0.2 * g.soft(g.ellipse(np.sign(g.uniform(-1, 1)) * 0.5, g.uniform(-0.1, 0.1), 0.16, 0.18), 0.4)
    masks = np.zeros((g.n, g.size, g.size), bool)
    for k in range(12):
        present = (severity * 12 > k)[:, None, None]
        angle, far = g.uniform(0, 6.3), g.uniform(0.1, 0.75)
        spot = g.ellipse(far * np.cos(angle), far * np.sin(angle), g.uniform(0.06, 0.11), g.uniform(0.06, 0.11))
        image = image - 0.16 * g.soft(spot, 0.6) * present
        masks |= (spot < 1) & present
    return image + 0.03 * g.noise(20), grade, masks, severity


def _generic(g, n_classes):
    """A striped lesion in cloudy tissue: the stripes' direction tells the class, their contrast is the severity."""
    labels = g.rng.integers(0, n_classes, g.n)
    severity = g.uniform(0.25, 1.0)
    angle = (np.pi * labels / n_classes).astype("float32")[:, None, None] + g.uniform(-0.08, 0.08)
    cx, cy, r = g.uniform(-0.4, 0.4), g.uniform(-0.4, 0.4), g.uniform(0.42, 0.56)
    field = g.ellipse(cx, cy, r, r * g.uniform(0.85, 1.15), g.uniform(0, 3), 4, 0.06, g.uniform(0, 6.3))
    stripes = np.sin(g.uniform(17, 21) * (np.cos(angle) * g.x + np.sin(angle) * g.y) + g.uniform(0, 6.3))
    image = 0.5 + 0.06 * g.noise(4) + g.soft(field) * (0.12 + 0.2 * severity * stripes) + 0.06 * g.noise(27)
    return image, labels, field < 1, severity[:, 0, 0]
