"""Convolution and pooling, as Keras computes them (Goodfellow et al., Deep Learning, 2016, ch. 9).

What everybody calls convolution is cross-correlation: the kernel is slid over the image as it is, not mirrored.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def output_size(size, kernel, stride=1, padding="valid", dilation=1):
    """How many places a kernel can take along one axis.

    Parameters
    ----------
    size, kernel, stride, dilation : int
        Lengths along the axis; a kernel with dilation d covers d (kernel - 1) + 1 pixels.
    padding : "valid", "same" or int
        No padding; as much as makes the output ceil(size / stride) long; or so many zeros on each side.

    Returns
    -------
    int
        floor((size + padding - covered) / stride) + 1, where padding counts both sides.

    Raises
    ------
    ValueError
        If the kernel does not fit.

    Examples
    --------
    >>> output_size(32, 3), output_size(32, 3, padding="same"), output_size(32, 3, stride=2)
    (30, 32, 15)
    """
    before, after = _padding(size, kernel, stride, padding, dilation)
    covered = dilation * (kernel - 1) + 1
    if size + before + after < covered:
        raise ValueError(f"A kernel that covers {covered} pixels does not fit into {size + before + after}.")
    return (size + before + after - covered) // stride + 1


def _padding(size, kernel, stride, padding, dilation):
    """Zeros before and after. "same" splits what is missing, the odd one at the end, as TensorFlow does."""
    if stride < 1 or dilation < 1:
        raise ValueError(f"stride and dilation are at least 1; got {stride} and {dilation}.")
    if padding == "valid":
        return 0, 0
    if padding == "same":
        missing = max((-(-size // stride) - 1) * stride + dilation * (kernel - 1) + 1 - size, 0)
        return missing // 2, missing - missing // 2
    if isinstance(padding, int | np.integer) and padding >= 0:
        return int(padding), int(padding)
    raise ValueError(f'padding is "valid", "same" or a whole number of pixels, not {padding!r}.')


def _windows(x, kernel_size, stride, padding, dilation, fill=0.0):
    """All places of the kernel: (N, H_out, W_out, kernel height, kernel width, C). A view: no pixel is copied."""
    pads = [
        (0, 0),
        *(_padding(n, k, stride, padding, dilation) for n, k in zip(x.shape[1:3], kernel_size, strict=True)),
    ]
    for n, k in zip(x.shape[1:3], kernel_size, strict=True):
        output_size(n, k, stride, padding, dilation)  # raises if the kernel does not fit
    x = np.pad(x, [*pads, (0, 0)], constant_values=fill)
    covered = [dilation * (k - 1) + 1 for k in kernel_size]
    places = sliding_window_view(x, covered, axis=(1, 2))  # (N, H', W', C, covered height, covered width)
    return np.moveaxis(places[:, ::stride, ::stride, :, ::dilation, ::dilation], 3, 5)


def _checked(x, kernel=None):
    x = np.asarray(x)
    x = x if x.dtype.kind == "f" else x.astype(float)
    if x.ndim != 4:
        raise ValueError(f"Images should have the shape (N, H, W, C); found {x.shape}.")
    if kernel is not None and (kernel.ndim != 4 or kernel.shape[2] != x.shape[3]):
        raise ValueError(
            f"The kernel should have the shape (height, width, {x.shape[3]}, C_out); found {kernel.shape}."
        )
    return x


def conv2d(x, kernel, bias=None, stride=1, padding="valid", dilation=1):
    """Slide a kernel over images: at each place, multiply and add up.

        y[n, i, j, o] = bias[o] + sum over u, v, c of x[n, i s + u d, j s + v d, c] kernel[u, v, c, o]

    Parameters
    ----------
    x : float array (N, H, W, C_in)
    kernel : float array (height, width, C_in, C_out)
    bias : float array (C_out,), optional
    stride, dilation : int
        s and d above.
    padding : "valid", "same" or int
        See :func:`output_size`.

    Returns
    -------
    float array (N, H_out, W_out, C_out)

    Raises
    ------
    ValueError
        For shapes that do not fit, naming what was expected and what was found.
    """
    kernel = np.asarray(kernel)
    x = _checked(x, kernel)
    places = _windows(x, kernel.shape[:2], stride, padding, dilation)
    y = np.tensordot(places, kernel, axes=3)  # the sum over u, v, c
    return y if bias is None else y + bias


def conv2d_loops(x, kernel, bias=None, stride=1, padding="valid", dilation=1):
    """The same as :func:`conv2d`, one number at a time: this is what is meant, and it is slow."""
    kernel = np.asarray(kernel)
    x = _checked(x, kernel)
    height, width, _, n_out = kernel.shape
    pads = [_padding(n, k, stride, padding, dilation) for n, k in zip(x.shape[1:3], (height, width), strict=True)]
    rows, columns = (
        output_size(n, k, stride, padding, dilation) for n, k in zip(x.shape[1:3], (height, width), strict=True)
    )
    x = np.pad(x, [(0, 0), *pads, (0, 0)])
    y = np.zeros((len(x), rows, columns, n_out))
    for i in range(rows):
        for j in range(columns):
            top, left = i * stride, j * stride
            patch = x[:, top : top + dilation * height : dilation, left : left + dilation * width : dilation]
            patch = patch[:, :height, :width]
            for o in range(n_out):
                y[:, i, j, o] = (patch * kernel[..., o]).sum(axis=(1, 2, 3)) + (0 if bias is None else bias[o])
    return y


def max_pool2d(x, size=2, stride=None, padding="valid"):
    """The largest value in each window; (N, H, W, C) -> (N, H_out, W_out, C). The stride is the size unless given."""
    x = _checked(x)
    return _windows(x, (size, size), stride or size, padding, 1, fill=-np.inf).max(axis=(3, 4))


def avg_pool2d(x, size=2, stride=None, padding="valid"):
    """The mean of each window, zeros of the padding not counted; shapes as for :func:`max_pool2d`."""
    x = _checked(x)
    total = _windows(x, (size, size), stride or size, padding, 1).sum(axis=(3, 4))
    count = _windows(np.ones_like(x, dtype=float), (size, size), stride or size, padding, 1).sum(axis=(3, 4))
    return total / count
