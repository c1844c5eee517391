# %% 01.at_place right
def at_place(image, kernel, row, column):
    height, width = kernel.shape
    return (image[row : row + height, column : column + width] * kernel).sum()

# %% 01.at_place right
def at_place(image, kernel, row, column):
    total = 0
    for i in range(kernel.shape[0]):
        for j in range(kernel.shape[1]):
            total += image[row + i, column + j] * kernel[i, j]
    return total

# %% 01.at_place right
def at_place(image, kernel, row, column):
    height, width = kernel.shape
    piece = image[row:, column:][:height, :width].astype(float)
    return np.einsum("ij,ij->", piece, kernel.astype(float))

# %% 01.at_place right
from scipy.signal import correlate2d

def at_place(image, kernel, row, column):
    everywhere = correlate2d(image.astype(float), kernel.astype(float), mode="valid")
    return everywhere[row, column]

# %% 01.at_place right
def at_place(image, kernel, row, column):
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return float(np.vdot(windows[row, column].astype("float64"), kernel.astype("float64")))

# %% 01.at_place right
def at_place(image, kernel, row, column):
    a, b = kernel.shape
    pixels = image[row : row + a, column : column + b].ravel().tolist()
    return sum(x * w for x, w in zip(pixels, kernel.ravel().tolist()))

# %% 01.at_place right
from course_utils import scratch

def at_place(image, kernel, row, column):
    x = image.astype(float)[None, :, :, None]
    return scratch.conv2d(x, kernel.astype(float)[:, :, None, None])[0, row, column, 0]

# %% 01.at_place right
def at_place(image, kernel, row, column):
    laid = np.zeros(image.shape)
    laid[row : row + kernel.shape[0], column : column + kernel.shape[1]] = kernel
    return np.sum(laid * image)

# %% 01.at_place right
def at_place(image, kernel, row, column):
    piece = pd.DataFrame(image).iloc[row : row + kernel.shape[0], column : column + kernel.shape[1]]
    return piece.mul(kernel).to_numpy().sum()

# %% 01.at_place right
def at_place(image, kernel, row, column):
    if kernel.shape[0] == 1:
        return np.inner(image[row, column : column + kernel.shape[1]], kernel[0])
    return at_place(image, kernel[:1], row, column) + at_place(image, kernel[1:], row + 1, column)

# %% 01.at_place right
def at_place(image, kernel, row, column):
    rows = np.arange(row, row + kernel.shape[0])
    columns = np.arange(column, column + kernel.shape[1])
    return np.trace(image[np.ix_(rows, columns)] @ kernel.T)

# %% 01.at_place wrong: the kernel reversed, as in mathematics
def at_place(image, kernel, row, column):
    height, width = kernel.shape
    return (image[row : row + height, column : column + width] * kernel[::-1, ::-1]).sum()

# %% 01.at_place wrong: always three by three
def at_place(image, kernel, row, column):
    total = 0
    for i in range(3):
        for j in range(3):
            total += image[row + i, column + j] * kernel[i, j]
    return total

# %% 01.at_place wrong: row, column is the middle of the kernel
def at_place(image, kernel, row, column):
    height, width = kernel.shape
    top, left = row - height // 2, column - width // 2
    return (image[top : top + height, left : left + width] * kernel).sum()

# %% 01.at_place wrong: row and column exchanged
def at_place(image, kernel, row, column):
    height, width = kernel.shape
    return (image[column : column + height, row : row + width] * kernel).sum()

# %% 01.at_place wrong: height and width exchanged, right for square kernels
def at_place(image, kernel, row, column):
    width, height = kernel.shape
    return (image[row : row + height, column : column + width] * kernel).sum()

# %% 01.at_place wrong: width taken for the height, too
def at_place(image, kernel, row, column):
    n = kernel.shape[1]
    return (image[row : row + n, column : column + n] * kernel).sum()

# %% 01.at_place wrong: the smaller side for both, right for square kernels
def at_place(image, kernel, row, column):
    n = min(kernel.shape)
    return (image[row : row + n, column : column + n] * kernel[:n, :n]).sum()

# %% 01.at_place wrong: the mean of the products
def at_place(image, kernel, row, column):
    height, width = kernel.shape
    return (image[row : row + height, column : column + width] * kernel).mean()

# %% 01.at_place wrong: matrix product
def at_place(image, kernel, row, column):
    n, m = kernel.shape
    return (image[row : row + n, column : column + m] @ kernel.T).sum()

# %% 01.at_place wrong: the kernel turned on its side
def at_place(image, kernel, row, column):
    k = kernel.T
    return (image[row : row + k.shape[0], column : column + k.shape[1]] * k).sum()

# %% 01.at_place wrong: end of the slice one too early
def at_place(image, kernel, row, column):
    n, m = kernel.shape
    return (image[row : row + n - 1, column : column + m - 1] * kernel[: n - 1, : m - 1]).sum()

# %% 01.at_place wrong: counted from 1
def at_place(image, kernel, row, column):
    n, m = kernel.shape
    return (image[row - 1 : row - 1 + n, column - 1 : column - 1 + m] * kernel).sum()

# %% 01.at_place wrong: the products and not their sum
def at_place(image, kernel, row, column):
    n, m = kernel.shape
    return image[row : row + n, column : column + m] * kernel

# %% 01.at_place wrong: negative sums cut off
def at_place(image, kernel, row, column):
    n, m = kernel.shape
    return max(0, (image[row : row + n, column : column + m] * kernel).sum())

# %% 01.at_place wrong: without its sign
def at_place(image, kernel, row, column):
    n, m = kernel.shape
    return abs((image[row : row + n, column : column + m] * kernel).sum())

# %% 01.at_place wrong: kept between 0 and 255
def at_place(image, kernel, row, column):
    n, m = kernel.shape
    return np.clip((image[row : row + n, column : column + m] * kernel).sum(), 0, 255)

# %% 01.at_place wrong: cuts off what is behind the point
def at_place(image, kernel, row, column):
    n, m = kernel.shape
    return int((image[row : row + n, column : column + m] * kernel).sum())

# %% 01.at_place wrong: whole-number products
def at_place(image, kernel, row, column):
    n, m = kernel.shape
    piece = image[row : row + n, column : column + m].astype(int)
    return (piece * kernel.astype(int)).sum()

# %% 01.at_place wrong: writes the products into the image
def at_place(image, kernel, row, column):
    n, m = kernel.shape
    piece = image[row : row + n, column : column + m]
    piece[:] = piece * kernel
    return piece.sum()

# %% 01.at_place wrong: sum of the pixels times sum of the weights
def at_place(image, kernel, row, column):
    n, m = kernel.shape
    return image[row : row + n, column : column + m].sum() * kernel.sum()

# %% 01.at_place wrong: ignores the place
def at_place(image, kernel, row, column):
    n, m = kernel.shape
    return (image[:n, :m] * kernel).sum()

# %% 01.at_place wrong: the kernel brought to a sum of 1 first
def at_place(image, kernel, row, column):
    n, m = kernel.shape
    k = kernel / (np.abs(kernel).sum() or 1)
    return (image[row : row + n, column : column + m] * k).sum()

# %% 01.at_place wrong: the library's convolution, which reverses the kernel
from scipy.signal import convolve2d

def at_place(image, kernel, row, column):
    return convolve2d(image, kernel, mode="valid")[row, column]

# %% 01.at_place wrong: the library's correlation, whose place is the kernel's middle
from scipy.ndimage import correlate

def at_place(image, kernel, row, column):
    return correlate(image.astype(float), kernel.astype(float), mode="constant")[row, column]

# %% 01.at_place wrong: only signs of the weights
def at_place(image, kernel, row, column):
    n, m = kernel.shape
    piece = image[row : row + n, column : column + m]
    return piece[kernel > 0].sum() - piece[kernel < 0].sum()

# %% 01.output_size right
def output_size(size, kernel, stride, padding, dilation):
    covered = dilation * (kernel - 1) + 1
    return (size + 2 * padding - covered) // stride + 1

# %% 01.output_size right
def output_size(size, kernel, stride, padding, dilation):
    covered = dilation * (kernel - 1) + 1
    return len(range(0, size + 2 * padding - covered + 1, stride))

# %% 01.output_size right
def output_size(size, kernel, stride, padding, dilation):
    places = 0
    left = -padding
    while left + dilation * (kernel - 1) <= size + padding - 1:
        places += 1
        left += stride
    return places

# %% 01.output_size right
import math

def output_size(size, kernel, stride, padding, dilation):
    room = size + 2 * padding - (dilation * (kernel - 1) + 1)
    return math.floor(room / stride) + 1

# %% 01.output_size right
def output_size(size, kernel, stride, padding, dilation):
    steps, _ = divmod(size + 2 * padding - dilation * (kernel - 1) - 1, stride)
    return steps + 1

# %% 01.output_size right
def output_size(size, kernel, stride, padding, dilation):
    row = np.arange(size + 2 * padding)
    covered = 1 + dilation * (kernel - 1)
    return np.lib.stride_tricks.sliding_window_view(row, covered)[::stride, ::dilation].shape[0]

# %% 01.output_size right
def output_size(size, kernel, stride, padding, dilation):
    def places(pixels):
        if pixels < dilation * (kernel - 1) + 1:
            return 0
        return 1 + places(pixels - stride)

    return places(size + 2 * padding)

# %% 01.output_size right
def output_size(size, kernel, stride, padding, dilation):
    fitting = size + 2 * padding - dilation * (kernel - 1)
    return -(-fitting // stride)

# %% 01.output_size right
def output_size(size, kernel, stride, padding, dilation):
    weights = np.zeros(dilation * (kernel - 1) + 1)
    weights[::dilation] = 1
    row = np.pad(np.ones(size), padding)
    return np.convolve(row, weights, mode="valid")[::stride].size

# %% 01.output_size right
def output_size(size, kernel, stride, padding, dilation):
    last = size + 2 * padding
    return sum(
        1 for start in range(0, last, stride) if all(start + dilation * k < last for k in range(kernel))
    )

# %% 01.output_size wrong: the first place is forgotten
def output_size(size, kernel, stride, padding, dilation):
    covered = dilation * (kernel - 1) + 1
    return (size + 2 * padding - covered) // stride

# %% 01.output_size wrong: dilation is ignored
def output_size(size, kernel, stride, padding, dilation):
    return (size + 2 * padding - kernel) // stride + 1

# %% 01.output_size wrong: padding on one side only
def output_size(size, kernel, stride, padding, dilation):
    covered = dilation * (kernel - 1) + 1
    return (size + padding - covered) // stride + 1

# %% 01.output_size wrong: covers dilation times kernel
def output_size(size, kernel, stride, padding, dilation):
    return (size + 2 * padding - dilation * kernel) // stride + 1

# %% 01.output_size wrong: the first place is added before the division
def output_size(size, kernel, stride, padding, dilation):
    covered = dilation * (kernel - 1) + 1
    return (size + 2 * padding - covered + 1) // stride

# %% 01.output_size wrong: rounds up
import math

def output_size(size, kernel, stride, padding, dilation):
    covered = dilation * (kernel - 1) + 1
    return math.ceil((size + 2 * padding - covered) / stride) + 1

# %% 01.output_size wrong: rounds to the nearest
def output_size(size, kernel, stride, padding, dilation):
    covered = dilation * (kernel - 1) + 1
    return round((size + 2 * padding - covered) / stride + 1)

# %% 01.output_size wrong: true division, no whole number
def output_size(size, kernel, stride, padding, dilation):
    covered = dilation * (kernel - 1) + 1
    return (size + 2 * padding - covered) / stride + 1

# %% 01.output_size wrong: stride is ignored
def output_size(size, kernel, stride, padding, dilation):
    return size + 2 * padding - dilation * (kernel - 1)

# %% 01.output_size wrong: padding is ignored
def output_size(size, kernel, stride, padding, dilation):
    return (size - dilation * (kernel - 1) - 1) // stride + 1

# %% 01.output_size wrong: the size is divided by the stride first
def output_size(size, kernel, stride, padding, dilation):
    return (size + 2 * padding) // stride - dilation * (kernel - 1)

# %% 01.output_size wrong: places of a kernel of three
def output_size(size, kernel, stride, padding, dilation):
    return (size + 2 * padding - (dilation * 2 + 1)) // stride + 1

# %% 01.output_size wrong: stops one place early when the kernel fits exactly
def output_size(size, kernel, stride, padding, dilation):
    covered, place, count = dilation * (kernel - 1) + 1, 0, 0
    while place + covered < size + 2 * padding:
        count += 1
        place += stride
    return count

# %% 01.output_size wrong: dilation adds to the kernel only once
def output_size(size, kernel, stride, padding, dilation):
    covered = kernel + dilation - 1
    return (size + 2 * padding - covered) // stride + 1

# %% 01.output_size wrong: as with "same", size over stride
def output_size(size, kernel, stride, padding, dilation):
    if padding > 0:
        return -(-size // stride)
    return (size - dilation * (kernel - 1) - 1) // stride + 1

# %% 01.output_size wrong: starts without a step from the far left to the last pixel
def output_size(size, kernel, stride, padding, dilation):
    return (size + 2 * padding - 1) // stride + 1

# %% 01.output_size wrong: operator precedence, only the covered pixels are divided
def output_size(size, kernel, stride, padding, dilation):
    return size + 2 * padding - (dilation * (kernel - 1) + 1) // stride + 1

# %% 01.output_size wrong: the gaps as wide as the dilation, one pixel too wide each
def output_size(size, kernel, stride, padding, dilation):
    covered = kernel + (kernel - 1) * dilation if dilation > 1 else kernel
    return (size + 2 * padding - covered) // stride + 1

# %% 01.thirty_two right
sizes = (30, 15)

# %% 01.thirty_two right
sizes = [30, 15]

# %% 01.thirty_two right
after = (32 + 2 * 0 - 3) // 1 + 1
sizes = (after, (after - 2) // 2 + 1)

# %% 01.thirty_two right
sizes = np.array([30, 15])

# %% 01.thirty_two right
import keras
from keras import layers

network = keras.Sequential([layers.Input((32, 32, 3)), layers.Conv2D(4, 3), layers.MaxPooling2D(2)])
sizes = tuple(layer.output.shape[1] for layer in network.layers)

# %% 01.thirty_two right
windows = np.lib.stride_tricks.sliding_window_view(np.zeros((32, 32)), (3, 3)).shape[:2]
sizes = windows[0], windows[0] // 2

# %% 01.thirty_two right
from course_utils import scratch

conv = scratch.output_size(32, 3)
sizes = (np.int64(conv), np.int64(scratch.output_size(conv, 2, 2)))

# %% 01.thirty_two right
def places(size, kernel, stride):
    return len(range(0, size - kernel + 1, stride))

sizes = (places(32, 3, 1), places(places(32, 3, 1), 2, 2))

# %% 01.thirty_two wrong: as the text claims
sizes = (28, 14)

# %% 01.thirty_two wrong: the claimed size after the pooling
sizes = (30, 14)

# %% 01.thirty_two wrong: the other way round
sizes = (15, 30)

# %% 01.thirty_two wrong: with padding that keeps the size
sizes = (32, 16)

# %% 01.thirty_two wrong: the first place forgotten
sizes = (29, 14)

# %% 01.thirty_two wrong: pooling with stride 1
sizes = (30, 29)

# %% 01.thirty_two wrong: the kernel takes one pixel only
sizes = (31, 15)

# %% 01.thirty_two wrong: one size only
sizes = (30,)

# %% 01.thirty_two wrong: only the last size
sizes = 15

# %% 01.thirty_two wrong: three sizes, with the image first
sizes = (32, 30, 15)

# %% 01.thirty_two wrong: numbers of pixels
sizes = (900, 225)

# %% 01.thirty_two wrong: half of 31
sizes = (30, 15.5)

# %% 01.thirty_two wrong: pooled twice
sizes = (30, 7)

# %% 01.thirty_two wrong: larger and not smaller
sizes = (34, 17)

# %% 01.parameters right
def parameters(kernel, channels, filters):
    return (kernel * kernel * channels + 1) * filters

# %% 01.parameters right
def parameters(kernel, channels, filters):
    weights = kernel**2 * channels * filters
    biases = filters
    return weights + biases

# %% 01.parameters right
def parameters(kernel, channels, filters):
    total = 0
    for _ in range(filters):
        for _ in range(channels):
            total += kernel * kernel
        total += 1
    return total

# %% 01.parameters right
import math

def parameters(kernel, channels, filters):
    return math.prod((kernel, kernel, channels, filters)) + filters

# %% 01.parameters right
def parameters(kernel, channels, filters):
    return np.empty((kernel, kernel, channels, filters), "int8").size + np.empty(filters).size

# %% 01.parameters right
from keras import layers

def parameters(kernel, channels, filters):
    layer = layers.Conv2D(int(filters), int(kernel))
    layer.build((None, int(kernel) + 4, int(kernel) + 4, int(channels)))
    return layer.count_params()

# %% 01.parameters right
def parameters(kernel, channels, filters):
    return sum(sum(kernel**2 for _ in range(channels)) + 1 for _ in range(filters))

# %% 01.parameters right
def parameters(kernel, channels, filters):
    if filters == 0:
        return 0
    return kernel * kernel * channels + 1 + parameters(kernel, channels, filters - 1) if filters < 200 else filters * parameters(kernel, channels, 1)

# %% 01.parameters right
parameters = lambda kernel, channels, filters: int(np.dot([filters, filters], [channels * kernel**2, 1]))

# %% 01.parameters wrong: no biases
def parameters(kernel, channels, filters):
    return kernel * kernel * channels * filters

# %% 01.parameters wrong: one bias for the whole layer
def parameters(kernel, channels, filters):
    return kernel * kernel * channels * filters + 1

# %% 01.parameters wrong: a bias for each input channel of each filter
def parameters(kernel, channels, filters):
    return (kernel * kernel + 1) * channels * filters

# %% 01.parameters wrong: a bias for each input channel
def parameters(kernel, channels, filters):
    return kernel * kernel * channels * filters + channels

# %% 01.parameters wrong: the kernel is a row and not a square
def parameters(kernel, channels, filters):
    return (kernel * channels + 1) * filters

# %% 01.parameters wrong: input channels forgotten
def parameters(kernel, channels, filters):
    return (kernel * kernel + 1) * filters

# %% 01.parameters wrong: twice the side in place of its square
def parameters(kernel, channels, filters):
    return (kernel * 2 * channels + 1) * filters

# %% 01.parameters wrong: ^ is not a power in Python
def parameters(kernel, channels, filters):
    return ((kernel ^ 2) * channels + 1) * filters

# %% 01.parameters wrong: always three by three
def parameters(kernel, channels, filters):
    return (9 * channels + 1) * filters

# %% 01.parameters wrong: filters and channels exchanged
def parameters(kernel, channels, filters):
    return (kernel * kernel * filters + 1) * channels

# %% 01.parameters wrong: a weight for each place of a 28 by 28 image
def parameters(kernel, channels, filters):
    return (kernel * kernel * channels * (28 - kernel + 1) ** 2 + 1) * filters

# %% 01.parameters wrong: channels added and not multiplied
def parameters(kernel, channels, filters):
    return (kernel * kernel + channels + 1) * filters

# %% 01.parameters wrong: whole numbers of 16 bits are too small
def parameters(kernel, channels, filters):
    return int(np.prod([kernel, kernel, channels, filters], dtype="int16")) + filters

# %% 01.parameters wrong: no brackets, one bias times filters only of the last factor
def parameters(kernel, channels, filters):
    return kernel * kernel * channels + 1 * filters

# %% 01.parameters wrong: a kernel of 1 has no bias
def parameters(kernel, channels, filters):
    if kernel == 1:
        return channels * filters
    return (kernel * kernel * channels + 1) * filters

# %% 01.parameters wrong: a grey image has no channels
def parameters(kernel, channels, filters):
    return (kernel * kernel * (channels if channels == 3 else 1) + 1) * filters

# %% 01.parameters wrong: a filter too many
def parameters(kernel, channels, filters):
    return kernel * kernel * channels * (filters + 1)

# %% 01.parameters wrong: a bias for every weight of the kernel
def parameters(kernel, channels, filters):
    return 2 * kernel * kernel * channels * filters

# %% 01.max_pool right
def max_pool(image):
    h, w = image.shape[0] // 2, image.shape[1] // 2
    return image[: 2 * h, : 2 * w].reshape(h, 2, w, 2).max(axis=(1, 3))

# %% 01.max_pool right
def max_pool(image):
    h, w = image.shape[0] // 2 * 2, image.shape[1] // 2 * 2
    a = image[:h, :w]
    return np.maximum(
        np.maximum(a[::2, ::2], a[1::2, ::2]), np.maximum(a[::2, 1::2], a[1::2, 1::2])
    )

# %% 01.max_pool right
def max_pool(image):
    height, width = image.shape
    result = np.empty((height // 2, width // 2), dtype=image.dtype)
    for i in range(height // 2):
        for j in range(width // 2):
            result[i, j] = image[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].max()
    return result

# %% 01.max_pool right
def max_pool(image):
    return np.lib.stride_tricks.sliding_window_view(image, (2, 2))[::2, ::2].max(axis=(2, 3))

# %% 01.max_pool right
from course_utils import scratch

def max_pool(image):
    return scratch.max_pool2d(image[None, :, :, None])[0, :, :, 0]

# %% 01.max_pool right
from scipy.ndimage import maximum_filter

def max_pool(image):
    h, w = image.shape[0] // 2, image.shape[1] // 2
    return maximum_filter(image, size=2, origin=-1)[: 2 * h : 2, : 2 * w : 2]

# %% 01.max_pool right
def max_pool(image):
    rows = list(image)
    result = []
    for upper, lower in zip(rows[0::2], rows[1::2]):
        high = [max(a, b) for a, b in zip(upper, lower)]
        result.append([max(pair) for pair in zip(high[0::2], high[1::2])])
    return np.array(result)

# %% 01.max_pool right
def max_pool(image):
    return [
        [
            max(image[i, j], image[i, j + 1], image[i + 1, j], image[i + 1, j + 1])
            for j in range(0, image.shape[1] - 1, 2)
        ]
        for i in range(0, image.shape[0] - 1, 2)
    ]

# %% 01.max_pool right
def max_pool(image):
    def halve(a):
        a = a[: len(a) - len(a) % 2]
        return a.reshape(-1, 2, a.shape[1]).max(axis=1)

    return halve(halve(image).T).T

# %% 01.max_pool right
def max_pool(image):
    h, w = (n - n % 2 for n in image.shape)
    frame = pd.DataFrame(image[:h, :w])
    by_rows = frame.groupby(np.arange(h) // 2).max()
    return by_rows.T.groupby(np.arange(w) // 2).max().T.to_numpy()

# %% 01.max_pool right
def max_pool(image):
    h, w = image.shape[0] // 2, image.shape[1] // 2
    best = np.full((h, w), -np.inf)
    for i in (0, 1):
        for j in (0, 1):
            best = np.maximum(best, image[i : 2 * h : 2, j : 2 * w : 2])
    return best

# %% 01.max_pool right
import tensorflow as tf

def max_pool(image):
    x = tf.constant(np.asarray(image, dtype="float64")[None, :, :, None])
    return tf.nn.max_pool2d(x, ksize=2, strides=2, padding="VALID").numpy()[0, :, :, 0]

# %% 01.max_pool wrong: starts from 0, so negative maxima become 0
def max_pool(image):
    h, w = image.shape[0] // 2, image.shape[1] // 2
    result = np.zeros((h, w))
    for i in range(2 * h):
        for j in range(2 * w):
            result[i // 2, j // 2] = max(result[i // 2, j // 2], image[i, j])
    return result

# %% 01.max_pool wrong: the mean
def max_pool(image):
    h, w = image.shape[0] // 2, image.shape[1] // 2
    return image[: 2 * h, : 2 * w].reshape(h, 2, w, 2).mean(axis=(1, 3))

# %% 01.max_pool wrong: the smallest
def max_pool(image):
    h, w = image.shape[0] // 2, image.shape[1] // 2
    return image[: 2 * h, : 2 * w].reshape(h, 2, w, 2).min(axis=(1, 3))

# %% 01.max_pool wrong: windows that overlap
def max_pool(image):
    return np.lib.stride_tricks.sliding_window_view(image, (2, 2)).max(axis=(2, 3))

# %% 01.max_pool wrong: keeps what is left over
def max_pool(image):
    rows = range(0, image.shape[0], 2)
    columns = range(0, image.shape[1], 2)
    return np.array([[image[i : i + 2, j : j + 2].max() for j in columns] for i in rows])

# %% 01.max_pool wrong: stops with an error when a side is odd
def max_pool(image):
    h, w = image.shape
    return image.reshape(h // 2, 2, w // 2, 2).max(axis=(1, 3))

# %% 01.max_pool wrong: cuts the numbers into fours in their order
def max_pool(image):
    h, w = image.shape[0] // 2, image.shape[1] // 2
    return image[: 2 * h, : 2 * w].reshape(h, w, 2, 2).max(axis=(2, 3))

# %% 01.max_pool wrong: the height for both, right for squares
def max_pool(image):
    n = image.shape[0] // 2
    return np.array(
        [[image[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].max() for j in range(n)] for i in range(n)]
    )

# %% 01.max_pool wrong: transposed
def max_pool(image):
    h, w = image.shape[0] // 2, image.shape[1] // 2
    return image[: 2 * h, : 2 * w].reshape(h, 2, w, 2).max(axis=(1, 3)).T

# %% 01.max_pool wrong: leaves out the first row and column of odd sides, not the last
def max_pool(image):
    a = image[image.shape[0] % 2 :, image.shape[1] % 2 :]
    h, w = a.shape[0] // 2, a.shape[1] // 2
    return a.reshape(h, 2, w, 2).max(axis=(1, 3))

# %% 01.max_pool wrong: the largest without its sign
def max_pool(image):
    h, w = image.shape[0] // 2, image.shape[1] // 2
    return np.abs(image[: 2 * h, : 2 * w]).reshape(h, 2, w, 2).max(axis=(1, 3))

# %% 01.max_pool wrong: always the upper left of the four
def max_pool(image):
    h, w = image.shape[0] // 2, image.shape[1] // 2
    return image[: 2 * h : 2, : 2 * w : 2].copy()

# %% 01.max_pool wrong: only the diagonal of each window
def max_pool(image):
    h, w = image.shape[0] // 2 * 2, image.shape[1] // 2 * 2
    a = image[:h, :w]
    return np.maximum(a[::2, ::2], a[1::2, 1::2])

# %% 01.max_pool wrong: only along the rows, columns are thinned out
def max_pool(image):
    h, w = image.shape[0] // 2 * 2, image.shape[1] // 2 * 2
    a = image[:h, :w]
    return np.maximum(a[::2, ::2], a[1::2, ::2])

# %% 01.max_pool wrong: result of whole numbers
def max_pool(image):
    h, w = image.shape[0] // 2, image.shape[1] // 2
    result = np.zeros((h, w), dtype=int)
    for i in range(h):
        for j in range(w):
            result[i, j] = image[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].max()
    return result

# %% 01.max_pool wrong: result of bytes
def max_pool(image):
    h, w = image.shape[0] // 2, image.shape[1] // 2
    return image[: 2 * h, : 2 * w].reshape(h, 2, w, 2).max(axis=(1, 3)).astype("uint8")

# %% 01.max_pool wrong: the last windows of even sides are missing
def max_pool(image):
    return np.array(
        [
            [image[i : i + 2, j : j + 2].max() for j in range(0, image.shape[1] - 2, 2)]
            for i in range(0, image.shape[0] - 2, 2)
        ]
    )

# %% 01.max_pool wrong: fills odd sides up with zeros
def max_pool(image):
    a = np.pad(image, ((0, image.shape[0] % 2), (0, image.shape[1] % 2)))
    h, w = a.shape[0] // 2, a.shape[1] // 2
    return a.reshape(h, 2, w, 2).max(axis=(1, 3))

# %% 01.max_pool wrong: largest of windows of three
def max_pool(image):
    h, w = image.shape[0] // 2, image.shape[1] // 2
    return np.array(
        [[image[2 * i : 2 * i + 3, 2 * j : 2 * j + 3].max() for j in range(w)] for i in range(h)]
    )

# %% 01.max_pool wrong: puts the maxima into the caller's image
def max_pool(image):
    h, w = image.shape[0] // 2, image.shape[1] // 2
    for i in range(h):
        for j in range(w):
            image[i, j] = image[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].max()
    return image[:h, :w].copy()

# %% 01.max_pool wrong: one number for the whole map
def max_pool(image):
    return image.max()

# %% 01.max_pool wrong: the trimming looks at the height only
def max_pool(image):
    if image.shape[0] % 2:
        image = image[:-1, :-1]
    h, w = image.shape
    return image.reshape(h // 2, 2, w // 2, 2).max(axis=(1, 3))

# %% 01.receptive_field right
def receptive_field(layers_):
    field, jump = 1, 1
    for kernel, stride in layers_:
        field += (kernel - 1) * jump
        jump *= stride
    return field

# %% 01.receptive_field right
def receptive_field(layers_):
    width = 1
    for kernel, stride in reversed(layers_):
        width = (width - 1) * stride + kernel
    return width

# %% 01.receptive_field right
def receptive_field(layers_):
    if not layers_:
        return 1
    (kernel, stride), *rest = layers_
    return kernel + (receptive_field(rest) - 1) * stride

# %% 01.receptive_field right
import math

def receptive_field(layers_):
    return 1 + sum(
        (kernel - 1) * math.prod(stride for _, stride in layers_[:i])
        for i, (kernel, _) in enumerate(layers_)
    )

# %% 01.receptive_field right
def receptive_field(layers_):
    table = np.array(layers_, dtype=int).reshape(-1, 2)
    jumps = np.cumprod(np.concatenate([[1], table[:, 1]]))[:-1]
    return int(1 + ((table[:, 0] - 1) * jumps).sum())

# %% 01.receptive_field right
from functools import reduce

def receptive_field(layers_):
    def step(state, layer):
        field, jump = state
        return field + (layer[0] - 1) * jump, jump * layer[1]

    return reduce(step, layers_, (1, 1))[0]

# %% 01.receptive_field right
def receptive_field(layers_):
    seen = {0}
    for kernel, stride in layers_[::-1]:
        seen = {stride * place + k for place in seen for k in range(kernel)}
    return max(seen) - min(seen) + 1

# %% 01.receptive_field right
def receptive_field(layers_):
    first, last = 0, 0
    for i in range(len(layers_) - 1, -1, -1):
        kernel, stride = layers_[i][0], layers_[i][1]
        first, last = first * stride, last * stride + kernel - 1
    return last - first + 1

# %% 01.receptive_field right
from itertools import accumulate
from operator import mul

def receptive_field(layers_):
    jumps = accumulate((s for _, s in layers_), mul, initial=1)
    return 1 + sum((k - 1) * jump for (k, _), jump in zip(layers_, jumps))

# %% 01.receptive_field wrong: the jump is multiplied first
def receptive_field(layers_):
    field, jump = 1, 1
    for kernel, stride in layers_:
        jump *= stride
        field += (kernel - 1) * jump
    return field

# %% 01.receptive_field wrong: strides are ignored
def receptive_field(layers_):
    return 1 + sum(kernel - 1 for kernel, _ in layers_)

# %% 01.receptive_field wrong: kernel jumps and not kernel - 1
def receptive_field(layers_):
    field, jump = 1, 1
    for kernel, stride in layers_:
        field += kernel * jump
        jump *= stride
    return field

# %% 01.receptive_field wrong: starts with a field of 0
def receptive_field(layers_):
    field, jump = 0, 1
    for kernel, stride in layers_:
        field += (kernel - 1) * jump
        jump *= stride
    return field

# %% 01.receptive_field wrong: strides are added and not multiplied
def receptive_field(layers_):
    field, jump = 1, 1
    for kernel, stride in layers_:
        field += (kernel - 1) * jump
        jump += stride - 1
    return field

# %% 01.receptive_field wrong: knows only the stride of the layer before
def receptive_field(layers_):
    field, jump = 1, 1
    for kernel, stride in layers_:
        field += (kernel - 1) * jump
        jump = stride
    return field

# %% 01.receptive_field wrong: the layer's own stride
def receptive_field(layers_):
    field = 1
    for kernel, stride in layers_:
        field += (kernel - 1) * stride
    return field

# %% 01.receptive_field wrong: leaves out pooling, taken for all kernels of 2
def receptive_field(layers_):
    field, jump = 1, 1
    for kernel, stride in layers_:
        if kernel != 2:
            field += (kernel - 1) * jump
        jump *= stride
    return field

# %% 01.receptive_field wrong: pooling does not widen the jump
def receptive_field(layers_):
    field, jump = 1, 1
    for kernel, stride in layers_:
        field += (kernel - 1) * jump
        if kernel != stride:
            jump *= stride
    return field

# %% 01.receptive_field wrong: backward rule in forward order
def receptive_field(layers_):
    width = 1
    for kernel, stride in layers_:
        width = (width - 1) * stride + kernel
    return width

# %% 01.receptive_field wrong: the product of the kernels
def receptive_field(layers_):
    field = 1
    for kernel, _ in layers_:
        field *= kernel
    return field

# %% 01.receptive_field wrong: the jump and not the field
def receptive_field(layers_):
    field, jump = 1, 1
    for kernel, stride in layers_:
        field += (kernel - 1) * jump
        jump *= stride
    return jump

# %% 01.receptive_field wrong: number of pixels in the square
def receptive_field(layers_):
    field, jump = 1, 1
    for kernel, stride in layers_:
        field += (kernel - 1) * jump
        jump *= stride
    return field * field

# %% 01.receptive_field wrong: equal layers are counted once
def receptive_field(layers_):
    field, jump = 1, 1
    for kernel, stride in dict.fromkeys(layers_):
        field += (kernel - 1) * jump
        jump *= stride
    return field

# %% 01.receptive_field wrong: in sorted order
def receptive_field(layers_):
    field, jump = 1, 1
    for kernel, stride in sorted(layers_):
        field += (kernel - 1) * jump
        jump *= stride
    return field

# %% 01.receptive_field wrong: empties the caller's list
def receptive_field(layers_):
    width = 1
    while layers_:
        kernel, stride = layers_.pop()
        width = (width - 1) * stride + kernel
    return width

# %% 01.receptive_field wrong: the last layer is left out
def receptive_field(layers_):
    field, jump = 1, 1
    for kernel, stride in layers_[:-1]:
        field += (kernel - 1) * jump
        jump *= stride
    return field

# %% 01.receptive_field wrong: returns after the first layer
def receptive_field(layers_):
    field, jump = 1, 1
    for kernel, stride in layers_:
        field += (kernel - 1) * jump
        jump *= stride
        return field

# %% 01.receptive_field wrong: never wider than 28
def receptive_field(layers_):
    field, jump = 1, 1
    for kernel, stride in layers_:
        field += (kernel - 1) * jump
        jump *= stride
    return min(field, 28)

# %% 01.receptive_field wrong: kernel and stride exchanged
def receptive_field(layers_):
    field, jump = 1, 1
    for stride, kernel in layers_:
        field += (kernel - 1) * jump
        jump *= stride
    return field

# %% 01.receptive_field wrong: the number of the seen pixels, not the width; gaps are lost when a stride is larger than a kernel
def receptive_field(layers_):
    seen = {0}
    for kernel, stride in reversed(layers_):
        seen = {stride * place + k for place in seen for k in range(kernel)}
    return len(seen)

# %% 01.receptive_field wrong: half to each side, an even field loses a pixel
def receptive_field(layers_):
    half, jump = 0, 1
    for kernel, stride in layers_:
        half += kernel // 2 * jump
        jump *= stride
    return 2 * half + 1
