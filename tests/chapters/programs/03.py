# %% 03.last_value_rmse right
def last_value_rmse(values, ahead):
    values = np.asarray(values, dtype=float)
    return np.sqrt(np.mean((values[ahead:] - values[:-ahead]) ** 2))

# %% 03.last_value_rmse right
import math

def last_value_rmse(values, ahead):
    squares = [(float(values[t]) - float(values[t - ahead])) ** 2 for t in range(ahead, len(values))]
    return math.sqrt(sum(squares) / len(squares))

# %% 03.last_value_rmse right
def last_value_rmse(values, ahead):
    change = pd.Series(np.asarray(values, float)).diff(ahead)
    return float((change**2).mean() ** 0.5)

# %% 03.last_value_rmse right
from sklearn.metrics import mean_squared_error

def last_value_rmse(values, ahead):
    return mean_squared_error(values[ahead:], values[: len(values) - ahead]) ** 0.5

# %% 03.last_value_rmse right
def last_value_rmse(values, ahead):
    total, n = 0.0, 0
    for now, later in zip(values, values[ahead:]):
        total += (float(later) - float(now)) ** 2
        n += 1
    return (total / n) ** 0.5

# %% 03.last_value_rmse right
def last_value_rmse(values, ahead):
    v = np.array(values, dtype="float64")
    error = (v - np.roll(v, ahead))[ahead:]
    return np.linalg.norm(error) / np.sqrt(error.size)

# %% 03.last_value_rmse right
def last_value_rmse(values, ahead):
    kernel = np.zeros(ahead + 1)
    kernel[0], kernel[-1] = 1, -1
    error = np.convolve(np.asarray(values, float), kernel, mode="valid")
    return np.sqrt(error @ error / len(error))

# %% 03.last_value_rmse right
def last_value_rmse(values, ahead):
    v = np.asarray(values, float)
    error = np.lib.stride_tricks.sliding_window_view(v, ahead + 1)[:, [0, -1]]
    error = np.diff(error, axis=1)
    return np.hypot(error.mean(), error.std())

# %% 03.last_value_rmse wrong: mean of the absolute errors
def last_value_rmse(values, ahead):
    values = np.asarray(values, dtype=float)
    return np.mean(np.abs(values[ahead:] - values[:-ahead]))

# %% 03.last_value_rmse wrong: no root
def last_value_rmse(values, ahead):
    values = np.asarray(values, dtype=float)
    return np.mean((values[ahead:] - values[:-ahead]) ** 2)

# %% 03.last_value_rmse wrong: the standard deviation, which takes off the mean change
def last_value_rmse(values, ahead):
    values = np.asarray(values, dtype=float)
    return np.std(values[ahead:] - values[:-ahead])

# %% 03.last_value_rmse wrong: the first hours are forecast by the last ones
def last_value_rmse(values, ahead):
    values = np.asarray(values, dtype=float)
    return np.sqrt(np.mean((values - np.roll(values, ahead)) ** 2))

# %% 03.last_value_rmse wrong: divides by all hours, not by the number of forecasts
def last_value_rmse(values, ahead):
    values = np.asarray(values, dtype=float)
    return np.sqrt(np.sum((values[ahead:] - values[:-ahead]) ** 2) / len(values))

# %% 03.last_value_rmse wrong: one place too far
def last_value_rmse(values, ahead):
    values = np.asarray(values, dtype=float)
    return np.sqrt(np.mean((values[ahead + 1 :] - values[: -ahead - 1]) ** 2))

# %% 03.last_value_rmse wrong: always one hour ahead
def last_value_rmse(values, ahead):
    return np.sqrt(np.mean(np.diff(np.asarray(values, dtype=float)) ** 2))

# %% 03.last_value_rmse wrong: always three hours ahead
def last_value_rmse(values, ahead):
    values = np.asarray(values, dtype=float)
    return np.sqrt(np.mean((values[3:] - values[:-3]) ** 2))

# %% 03.last_value_rmse wrong: the differences of differences
def last_value_rmse(values, ahead):
    return np.sqrt(np.mean(np.diff(np.asarray(values, dtype=float), n=ahead) ** 2))

# %% 03.last_value_rmse wrong: only the last forecast
def last_value_rmse(values, ahead):
    return abs(float(values[-1]) - float(values[-1 - ahead]))

# %% 03.last_value_rmse wrong: the last pair is left out
def last_value_rmse(values, ahead):
    v = np.asarray(values, dtype=float)
    error = [v[t + ahead] - v[t] for t in range(len(v) - ahead - 1)]
    return np.sqrt(np.mean(np.square(error)))

# %% 03.last_value_rmse wrong: forecasts do not overlap, only every ahead-th hour is used
def last_value_rmse(values, ahead):
    every = np.asarray(values, dtype=float)[::ahead]
    return np.sqrt(np.mean(np.diff(every) ** 2))

# %% 03.last_value_rmse wrong: the mean is taken of the roots
def last_value_rmse(values, ahead):
    values = np.asarray(values, dtype=float)
    return np.mean(np.sqrt((values[ahead:] - values[:-ahead]) ** 2))

# %% 03.last_value_rmse wrong: before the first forecast the first value stands in, with no error
def last_value_rmse(values, ahead):
    v = np.asarray(values, dtype=float)
    forecast = np.concatenate([v[:ahead], v[:-ahead]])
    return np.sqrt(np.mean((v - forecast) ** 2))

# %% 03.last_value_rmse wrong: 0 is forecast for the first hours
def last_value_rmse(values, ahead):
    v = np.asarray(values, dtype=float)
    forecast = np.concatenate([np.zeros(ahead), v[:-ahead]])
    return np.sqrt(np.mean((v - forecast) ** 2))

# %% 03.last_value_rmse wrong: divides by one less, as for a sample's spread
def last_value_rmse(values, ahead):
    v = np.asarray(values, dtype=float)
    error = v[ahead:] - v[:-ahead]
    return np.sqrt(np.sum(error**2) / (len(error) - 1)) if len(error) > 1 else 0.0

# %% 03.rnn_step right
def rnn_step(x, h, W, R, b):
    return np.tanh(x @ W + h @ R + b)

# %% 03.rnn_step right
import math

def rnn_step(x, h, W, R, b):
    new = []
    for k in range(len(b)):
        z = float(b[k])
        for f in range(len(x)):
            z += float(x[f]) * float(W[f][k])
        for j in range(len(h)):
            z += float(h[j]) * float(R[j][k])
        new.append(math.tanh(z))
    return np.array(new)

# %% 03.rnn_step right
def rnn_step(x, h, W, R, b):
    return np.tanh(np.concatenate([x, h, [1.0]]) @ np.vstack([W, R, b]))

# %% 03.rnn_step right
def rnn_step(x, h, W, R, b):
    z = np.einsum("f,fu->u", x, W) + np.einsum("j,jk->k", h, R)
    return np.tanh(np.add(z, b))

# %% 03.rnn_step right
from scipy.special import expit

def rnn_step(x, h, W, R, b):
    z = b + np.dot(x, W) + np.dot(h, R)
    return 2 * expit(2 * z) - 1

# %% 03.rnn_step right
def rnn_step(x, h, W, R, b):
    return np.tanh((np.asarray(x)[:, None] * W).sum(axis=0) + (np.asarray(h)[:, None] * R).sum(axis=0) + b)

# %% 03.rnn_step right
def rnn_step(x, h, W, R, b):
    z = W.T @ x
    z = z + R.T @ h
    z = z + b
    return np.array([np.tanh(value) for value in z])

# %% 03.rnn_step right
from course_utils import scratch

def rnn_step(x, h, W, R, b):
    return scratch.rnn_step(x[None], h[None], W, R, b)[0]

# %% 03.rnn_step right
def rnn_step(x, h, W, R, b):
    z = x @ W + h @ R + b
    e = np.exp(-2 * np.abs(z))
    return np.sign(z) * (1 - e) / (1 + e)

# %% 03.rnn_step wrong: R on the wrong side, which transposes it
def rnn_step(x, h, W, R, b):
    return np.tanh(x @ W + R @ h + b)

# %% 03.rnn_step wrong: sigmoid instead of tanh
def rnn_step(x, h, W, R, b):
    return 1 / (1 + np.exp(-(x @ W + h @ R + b)))

# %% 03.rnn_step wrong: no bias
def rnn_step(x, h, W, R, b):
    return np.tanh(x @ W + h @ R)

# %% 03.rnn_step wrong: the bias outside of the tanh
def rnn_step(x, h, W, R, b):
    return np.tanh(x @ W + h @ R) + b

# %% 03.rnn_step wrong: no tanh
def rnn_step(x, h, W, R, b):
    return x @ W + h @ R + b

# %% 03.rnn_step wrong: the old state is forgotten
def rnn_step(x, h, W, R, b):
    return np.tanh(x @ W + b)

# %% 03.rnn_step wrong: a unit sees only itself
def rnn_step(x, h, W, R, b):
    return np.tanh(x @ W + h * np.diag(R) + b)

# %% 03.rnn_step wrong: the sum of two tanh
def rnn_step(x, h, W, R, b):
    return np.tanh(x @ W + b) + np.tanh(h @ R)

# %% 03.rnn_step wrong: tanh by hand overflows to NaN for large numbers
def rnn_step(x, h, W, R, b):
    z = x @ W + h @ R + b
    return (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))

# %% 03.rnn_step wrong: relu
def rnn_step(x, h, W, R, b):
    return np.maximum(x @ W + h @ R + b, 0)

# %% 03.rnn_step wrong: bent before the product with the old state is added
def rnn_step(x, h, W, R, b):
    return np.tanh(x @ W + b) + h @ R

# %% 03.rnn_step wrong: clipped to -1 to 1 instead of bent
def rnn_step(x, h, W, R, b):
    return np.clip(x @ W + h @ R + b, -1, 1)

# %% 03.rnn_step wrong: the old state is added to the new
def rnn_step(x, h, W, R, b):
    return h + np.tanh(x @ W + h @ R + b)

# %% 03.rnn_step wrong: half precision
def rnn_step(x, h, W, R, b):
    return np.tanh((x @ W + h @ R + b).astype("float16"))

# %% 03.rnn_step wrong: only the first unit of the bias
def rnn_step(x, h, W, R, b):
    return np.tanh(x @ W + h @ R + b[0])

# %% 03.rnn_step wrong: the state is bent once more before it is used
def rnn_step(x, h, W, R, b):
    return np.tanh(x @ W + np.tanh(h) @ R + b)

# %% 03.lstm_step right
from course_utils import scratch

def lstm_step(x, h, c, W, R, b):
    i, f, g, o = np.split(x @ W + h @ R + b, 4)
    c = scratch.sigmoid(f) * c + scratch.sigmoid(i) * np.tanh(g)
    h = scratch.sigmoid(o) * np.tanh(c)
    return h, c

# %% 03.lstm_step right
from scipy.special import expit

def lstm_step(x, h, c, W, R, b):
    U = len(h)
    z = np.concatenate([x, h]) @ np.concatenate([W, R]) + b
    gates = expit(z)
    new_c = gates[U : 2 * U] * c + gates[:U] * np.tanh(z[2 * U : 3 * U])
    return gates[3 * U :] * np.tanh(new_c), new_c

# %% 03.lstm_step right
import math

def lstm_step(x, h, c, W, R, b):
    def sigmoid(z):
        return 0.5 * (1 + math.tanh(z / 2))

    U = len(h)
    z = []
    for k in range(4 * U):
        total = float(b[k])
        total += sum(float(x[j]) * float(W[j, k]) for j in range(len(x)))
        total += sum(float(h[j]) * float(R[j, k]) for j in range(U))
        z.append(total)
    new_h, new_c = np.zeros(U), np.zeros(U)
    for u in range(U):
        i, f, o = sigmoid(z[u]), sigmoid(z[U + u]), sigmoid(z[3 * U + u])
        new_c[u] = f * c[u] + i * math.tanh(z[2 * U + u])
        new_h[u] = o * math.tanh(new_c[u])
    return new_h, new_c

# %% 03.lstm_step right
def lstm_step(x, h, c, W, R, b):
    z = (x @ W + h @ R + b).reshape(4, -1)
    s = np.exp(-np.logaddexp(0, -z))
    new = s[1] * c + s[0] * np.tanh(z[2])
    return s[3] * np.tanh(new), new

# %% 03.lstm_step right
from course_utils import scratch

def lstm_step(x, h, c, W, R, b):
    into = {}
    for name, w, r, bias in zip("ifgo", np.split(W, 4, axis=1), np.split(R, 4, axis=1), np.split(b, 4)):
        into[name] = x @ w + h @ r + bias
    keep = c * scratch.sigmoid(into["f"])
    new = np.tanh(into["g"]) * scratch.sigmoid(into["i"])
    cell = keep + new
    return np.tanh(cell) * scratch.sigmoid(into["o"]), cell

# %% 03.lstm_step right
def lstm_step(x, h, c, W, R, b):
    z = np.einsum("f,fk->k", x, W) + np.einsum("u,uk->k", h, R) + b
    i, f, g, o = np.array_split(z, 4)
    i, f, o = ((1 + np.tanh(v / 2)) / 2 for v in (i, f, o))
    c_new = f * c + i * np.tanh(g)
    return (o * np.tanh(c_new), c_new)

# %% 03.lstm_step right
import keras

def lstm_step(x, h, c, W, R, b):
    cell = keras.layers.LSTMCell(len(h))
    cell.build((1, len(x)))
    cell.set_weights([W, R, b])
    state = [np.asarray(s, "float32")[None] for s in (h, c)]
    _, (new_h, new_c) = cell(np.asarray(x, "float32")[None], state)
    return keras.ops.convert_to_numpy(new_h)[0], keras.ops.convert_to_numpy(new_c)[0]

# %% 03.lstm_step right
def lstm_step(x, h, c, W, R, b):
    U = c.shape[0]
    z = b + h @ R + x @ W
    old, c = c, np.empty(U)
    h = np.empty(U)
    for u, (i, f, g, o) in enumerate(zip(z[:U], z[U : 2 * U], z[2 * U : -U], z[-U:])):
        c[u] = old[u] / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
        h[u] = np.tanh(c[u]) / (1 + np.exp(-o))
    return h, c

# %% 03.lstm_step wrong: the order i, f, o, g
from course_utils import scratch

def lstm_step(x, h, c, W, R, b):
    i, f, o, g = np.split(x @ W + h @ R + b, 4)
    c = scratch.sigmoid(f) * c + scratch.sigmoid(i) * np.tanh(g)
    return scratch.sigmoid(o) * np.tanh(c), c

# %% 03.lstm_step wrong: forget and input gate exchanged
from course_utils import scratch

def lstm_step(x, h, c, W, R, b):
    f, i, g, o = np.split(x @ W + h @ R + b, 4)
    c = scratch.sigmoid(f) * c + scratch.sigmoid(i) * np.tanh(g)
    return scratch.sigmoid(o) * np.tanh(c), c

# %% 03.lstm_step wrong: the cell before the hidden state
from course_utils import scratch

def lstm_step(x, h, c, W, R, b):
    i, f, g, o = np.split(x @ W + h @ R + b, 4)
    c = scratch.sigmoid(f) * c + scratch.sigmoid(i) * np.tanh(g)
    return c, scratch.sigmoid(o) * np.tanh(c)

# %% 03.lstm_step wrong: the candidate through a sigmoid
from course_utils import scratch

def lstm_step(x, h, c, W, R, b):
    i, f, g, o = scratch.sigmoid(np.split(x @ W + h @ R + b, 4))
    c = f * c + i * g
    return o * np.tanh(c), c

# %% 03.lstm_step wrong: the cell is shown without tanh
from course_utils import scratch

def lstm_step(x, h, c, W, R, b):
    i, f, g, o = np.split(x @ W + h @ R + b, 4)
    c = scratch.sigmoid(f) * c + scratch.sigmoid(i) * np.tanh(g)
    return scratch.sigmoid(o) * c, c

# %% 03.lstm_step wrong: the old cell is shown
from course_utils import scratch

def lstm_step(x, h, c, W, R, b):
    i, f, g, o = np.split(x @ W + h @ R + b, 4)
    new = scratch.sigmoid(f) * c + scratch.sigmoid(i) * np.tanh(g)
    return scratch.sigmoid(o) * np.tanh(c), new

# %% 03.lstm_step wrong: the LSTM of 1997, without forgetting
from course_utils import scratch

def lstm_step(x, h, c, W, R, b):
    i, f, g, o = np.split(x @ W + h @ R + b, 4)
    c = c + scratch.sigmoid(i) * np.tanh(g)
    return scratch.sigmoid(o) * np.tanh(c), c

# %% 03.lstm_step wrong: keeps what it does not add, as a GRU
from course_utils import scratch

def lstm_step(x, h, c, W, R, b):
    i, f, g, o = np.split(x @ W + h @ R + b, 4)
    f = scratch.sigmoid(f)
    c = f * c + (1 - f) * np.tanh(g)
    return scratch.sigmoid(o) * np.tanh(c), c

# %% 03.lstm_step wrong: R transposed within each gate
from course_utils import scratch

def lstm_step(x, h, c, W, R, b):
    old = np.concatenate([r @ h for r in np.split(R, 4, axis=1)])
    i, f, g, o = np.split(x @ W + old + b, 4)
    c = scratch.sigmoid(f) * c + scratch.sigmoid(i) * np.tanh(g)
    return scratch.sigmoid(o) * np.tanh(c), c

# %% 03.lstm_step wrong: no bias
from course_utils import scratch

def lstm_step(x, h, c, W, R, b):
    i, f, g, o = np.split(x @ W + h @ R, 4)
    c = scratch.sigmoid(f) * c + scratch.sigmoid(i) * np.tanh(g)
    return scratch.sigmoid(o) * np.tanh(c), c

# %% 03.lstm_step wrong: its own sigmoid gives NaN for large numbers
def lstm_step(x, h, c, W, R, b):
    def sigmoid(z):
        return np.exp(z) / (1 + np.exp(z))

    i, f, g, o = np.split(x @ W + h @ R + b, 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c

# %% 03.lstm_step wrong: takes every fourth column, not four blocks
from course_utils import scratch

def lstm_step(x, h, c, W, R, b):
    z = x @ W + h @ R + b
    i, f, g, o = z[0::4], z[1::4], z[2::4], z[3::4]
    c = scratch.sigmoid(f) * c + scratch.sigmoid(i) * np.tanh(g)
    return scratch.sigmoid(o) * np.tanh(c), c

# %% 03.lstm_step wrong: the gates are multiplied as matrices, one number for all units
from course_utils import scratch

def lstm_step(x, h, c, W, R, b):
    i, f, g, o = np.split(x @ W + h @ R + b, 4)
    c = scratch.sigmoid(f) @ c + scratch.sigmoid(i) @ np.tanh(g) * np.ones(len(h))
    return scratch.sigmoid(o) * np.tanh(c), c

# %% 03.lstm_step wrong: a hard sigmoid
def lstm_step(x, h, c, W, R, b):
    def sigmoid(z):
        return np.clip(0.2 * z + 0.5, 0, 1)

    i, f, g, o = np.split(x @ W + h @ R + b, 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c

# %% 03.lstm_step wrong: Keras' starting bias of 1 is added to the forget gate once more
from course_utils import scratch

def lstm_step(x, h, c, W, R, b):
    i, f, g, o = np.split(x @ W + h @ R + b, 4)
    c = scratch.sigmoid(f + 1) * c + scratch.sigmoid(i) * np.tanh(g)
    return scratch.sigmoid(o) * np.tanh(c), c

# %% 03.lstm_step wrong: the cell is clipped to -1 to 1
from course_utils import scratch

def lstm_step(x, h, c, W, R, b):
    i, f, g, o = np.split(x @ W + h @ R + b, 4)
    c = np.clip(scratch.sigmoid(f) * c + scratch.sigmoid(i) * np.tanh(g), -1, 1)
    return scratch.sigmoid(o) * np.tanh(c), c

# %% 03.lstm_step wrong: the bent cell is carried on
from course_utils import scratch

def lstm_step(x, h, c, W, R, b):
    i, f, g, o = np.split(x @ W + h @ R + b, 4)
    c = np.tanh(scratch.sigmoid(f) * c + scratch.sigmoid(i) * np.tanh(g))
    return scratch.sigmoid(o) * c, c

# %% 03.lstm_step wrong: only the hidden state
from course_utils import scratch

def lstm_step(x, h, c, W, R, b):
    i, f, g, o = np.split(x @ W + h @ R + b, 4)
    c = scratch.sigmoid(f) * c + scratch.sigmoid(i) * np.tanh(g)
    return scratch.sigmoid(o) * np.tanh(c)

# %% 03.lstm_parameters right
def lstm_parameters(features, units):
    return 4 * (features + units + 1) * units

# %% 03.lstm_parameters right
def lstm_parameters(features, units):
    W, R, b = features * 4 * units, units * 4 * units, 4 * units
    return W + R + b

# %% 03.lstm_parameters right
def lstm_parameters(features, units):
    total = 0
    for gate in ("i", "f", "g", "o"):
        for shape in ((features, units), (units, units), (units,)):
            total += int(np.prod(shape))
    return total

# %% 03.lstm_parameters right
import keras

def lstm_parameters(features, units):
    layer = keras.layers.LSTM(units)
    layer.build((None, None, features))
    return layer.count_params()

# %% 03.lstm_parameters right
def lstm_parameters(features, units):
    arrays = [np.zeros((features, 4 * units)), np.zeros((units, 4 * units)), np.zeros(4 * units)]
    return sum(array.size for array in arrays)

# %% 03.lstm_parameters right
def lstm_parameters(features, units):
    return sum(units * (features + 1) + units**2 for _ in range(4))

# %% 03.lstm_parameters right
def lstm_parameters(features, units):
    if units == 0:
        return 0
    return lstm_parameters(features, units - 1) + 4 * (features + 2 * units)

# %% 03.lstm_parameters wrong: no bias
def lstm_parameters(features, units):
    return 4 * (features + units) * units

# %% 03.lstm_parameters wrong: two biases, as PyTorch has them
def lstm_parameters(features, units):
    return 4 * (features + units + 2) * units

# %% 03.lstm_parameters wrong: the GRU's three sets
def lstm_parameters(features, units):
    return 3 * (features + units + 1) * units

# %% 03.lstm_parameters wrong: one bias for all four together
def lstm_parameters(features, units):
    return 4 * (features * units + units * units) + units

# %% 03.lstm_parameters wrong: R is forgotten
def lstm_parameters(features, units):
    return 4 * (features + 1) * units

# %% 03.lstm_parameters wrong: one number as bias of each gate
def lstm_parameters(features, units):
    return 4 * (features * units + units * units + 1)

# %% 03.lstm_parameters wrong: R has the shape of W
def lstm_parameters(features, units):
    return 4 * (2 * features * units + units)

# %% 03.lstm_parameters wrong: W has the shape of R
def lstm_parameters(features, units):
    return 4 * (2 * units + 1) * units

# %% 03.lstm_parameters wrong: features and units exchanged
def lstm_parameters(features, units):
    return 4 * (features + units + 1) * features

# %% 03.lstm_parameters wrong: the bias belongs to the inputs
def lstm_parameters(features, units):
    return 4 * ((features + units) * units + features)

# %% 03.lstm_parameters wrong: only one set
def lstm_parameters(features, units):
    return (features + units + 1) * units

# %% 03.lstm_parameters wrong: counts in 16 bits, which overflow for large networks
def lstm_parameters(features, units):
    features, units = np.array([features, units], "int16")
    return int(np.int16(4) * (features + units + np.int16(1)) * units)

# %% 03.lstm_parameters wrong: R only within a unit
def lstm_parameters(features, units):
    return 4 * (features * units + units + units)

# %% 03.lstm_parameters wrong: the cell state is counted as parameters
def lstm_parameters(features, units):
    return 4 * (features + units + 1) * units + 2 * units

# %% 03.lstm_parameters wrong: a Dense layer at the end is counted, too
def lstm_parameters(features, units):
    return 4 * (features + units + 1) * units + units + 1

# %% 03.forget_bias right
def forget_bias(steps):
    f = 0.5 ** (1 / steps)
    return np.log(f / (1 - f))

# %% 03.forget_bias right
import math

def forget_bias(steps):
    return -math.log(math.expm1(math.log(2) / steps))

# %% 03.forget_bias right
from scipy.special import logit

def forget_bias(steps):
    return logit(np.exp(np.log(0.5) / steps))

# %% 03.forget_bias right
import math

def forget_bias(steps):
    root = 2 ** (1 / steps)
    return math.log(1 / (root - 1))

# %% 03.forget_bias right
from scipy.optimize import brentq
from scipy.special import log_expit

def forget_bias(steps):
    return brentq(lambda b: steps * log_expit(b) - np.log(0.5), -60, 60, xtol=1e-13)

# %% 03.forget_bias right
import math

def forget_bias(steps):
    low, high = -50.0, 50.0
    for _ in range(200):
        middle = (low + high) / 2
        if steps * math.log1p(math.exp(-middle)) > math.log(2):
            low = middle
        else:
            high = middle
    return middle

# %% 03.forget_bias right
def forget_bias(steps):
    log_f = -np.log(2) / steps
    return log_f - np.log(-np.expm1(log_f))

# %% 03.forget_bias right
from scipy.stats import logistic

def forget_bias(steps):
    return float(logistic.ppf(np.power(0.5, 1 / steps)))

# %% 03.forget_bias wrong: the gate, not the bias
def forget_bias(steps):
    return 0.5 ** (1 / steps)

# %% 03.forget_bias wrong: the logarithm of the gate
def forget_bias(steps):
    return np.log(0.5) / steps

# %% 03.forget_bias wrong: the other sign
def forget_bias(steps):
    f = 0.5 ** (1 / steps)
    return np.log((1 - f) / f)

# %% 03.forget_bias wrong: until 1/e is left, not half
def forget_bias(steps):
    f = np.exp(-1 / steps)
    return np.log(f / (1 - f))

# %% 03.forget_bias wrong: 1 - 1/steps for the gate
def forget_bias(steps):
    f = max(1 - 1 / steps, 1e-9)
    return np.log(f / (1 - f))

# %% 03.forget_bias wrong: the rule of thumb, the logarithm of the steps
def forget_bias(steps):
    return np.log(steps)

# %% 03.forget_bias wrong: half is lost a little at each step, in a straight line
def forget_bias(steps):
    f = 1 - 0.5 / steps
    return np.log(f / (1 - f))

# %% 03.forget_bias wrong: logarithm to base 10
def forget_bias(steps):
    f = 0.5 ** (1 / steps)
    return np.log10(f / (1 - f))

# %% 03.forget_bias wrong: logarithm to base 2
def forget_bias(steps):
    f = 0.5 ** (1 / steps)
    return np.log2(f / (1 - f))

# %% 03.forget_bias wrong: rounds to one place
def forget_bias(steps):
    f = 0.5 ** (1 / steps)
    return round(float(np.log(f / (1 - f))), 1)

# %% 03.forget_bias wrong: a gate of at most 0.99
def forget_bias(steps):
    f = min(0.5 ** (1 / steps), 0.99)
    return np.log(f / (1 - f))

# %% 03.forget_bias wrong: the sigmoid instead of its inverse
def forget_bias(steps):
    f = 0.5 ** (1 / steps)
    return 1 / (1 + np.exp(-f))

# %% 03.forget_bias wrong: the half-life of a gate that equals steps
def forget_bias(steps):
    f = 0.5**steps
    return np.log(f / (1 - f))

# %% 03.forget_bias wrong: as if the half-life ran from the step before
def forget_bias(steps):
    f = 0.5 ** (1 / (steps + 1))
    return np.log(f / (1 - f))

# %% 03.forget_bias wrong: the bias through tanh instead of a sigmoid
def forget_bias(steps):
    return np.arctanh(0.5 ** (1 / steps))

# %% 03.forget_bias wrong: the gate is rounded to three places, as in the table
def forget_bias(steps):
    f = min(round(0.5 ** (1 / steps), 3), 0.9995)
    return np.log(f / (1 - f))

# %% 03.windows right
def window_starts(whose, length):
    return [s for s in range(len(whose) - length + 1) if (whose[s : s + length] == whose[s]).all()]

# %% 03.windows right
def window_starts(whose, length):
    starts = []
    for start in range(len(whose) - length + 1):
        if len(set(whose[start : start + length])) == 1:
            starts.append(start)
    return starts

# %% 03.windows right
def window_starts(whose, length):
    new = np.append(0, np.cumsum(whose[1:] != whose[:-1]))
    n = max(len(whose) - length + 1, 0)
    return np.flatnonzero(new[:n] == new[length - 1 : length - 1 + n]).tolist()

# %% 03.windows right
def window_starts(whose, length):
    if length > len(whose):
        return []
    windows = np.lib.stride_tricks.sliding_window_view(whose, length)
    return list(np.flatnonzero(windows.min(axis=1) == windows.max(axis=1)))

# %% 03.windows right
from itertools import groupby

def window_starts(whose, length):
    starts, at = [], 0
    for _, rows in groupby(whose):
        n = sum(1 for _ in rows)
        starts += range(at, at + n - length + 1)
        at += n
    return starts

# %% 03.windows right
def window_starts(whose, length):
    starts, run = [], 0
    for row, patient in enumerate(whose):
        run = run + 1 if row and patient == whose[row - 1] else 1
        if run >= length:
            starts.append(row - length + 1)
    return starts

# %% 03.windows right
def window_starts(whose, length):
    table = pd.Series(whose)
    block = (table != table.shift()).cumsum()
    place = table.groupby(block).cumcount(ascending=False)
    return place.index[place >= length - 1].tolist()

# %% 03.windows right
def window_starts(whose, length):
    def ok(window):
        return all(a == b for a, b in zip(window, window[1:]))

    return list(filter(lambda s: ok(whose[s : s + length]), range(len(whose) - length + 1)))

# %% 03.windows right
def window_starts(whose, length):
    borders = np.flatnonzero(np.diff(whose)) + 1
    ends = [*borders.tolist(), len(whose)]
    begins = [0, *borders.tolist()]
    return [s for b, e in zip(begins, ends) for s in range(b, e - length + 1)]

# %% 03.windows wrong: all starts, those across patients, too
def window_starts(whose, length):
    return list(range(len(whose) - length + 1))

# %% 03.windows wrong: looks one row too far, so the last window of each patient is lost
def window_starts(whose, length):
    return [s for s in range(len(whose) - length) if whose[s] == whose[s + length]]

# %% 03.windows wrong: the last row of the window is not looked at
def window_starts(whose, length):
    return [s for s in range(len(whose) - length + 1) if (whose[s : s + length - 1] == whose[s]).all()]

# %% 03.windows wrong: the very last window is left out
def window_starts(whose, length):
    return [s for s in range(len(whose) - length) if len(set(whose[s : s + length])) == 1]

# %% 03.windows wrong: windows at the end of the table that are too short
def window_starts(whose, length):
    return [s for s in range(len(whose)) if len(set(whose[s : s + length])) == 1]

# %% 03.windows wrong: windows that do not overlap
def window_starts(whose, length):
    return [s for s in range(0, len(whose) - length + 1, length) if len(set(whose[s : s + length])) == 1]

# %% 03.windows wrong: those across patients, the other way round
def window_starts(whose, length):
    return [s for s in range(len(whose) - length + 1) if len(set(whose[s : s + length])) > 1]

# %% 03.windows wrong: looks only at the first two rows
def window_starts(whose, length):
    return [s for s in range(len(whose) - length + 1) if len(set(whose[s : s + min(length, 2)])) == 1]

# %% 03.windows wrong: thinks that the patients' numbers increase
def window_starts(whose, length):
    jump = np.append(0, np.cumsum(np.diff(whose) > 0))
    return [s for s in range(len(whose) - length + 1) if jump[s] == jump[s + length - 1]]

# %% 03.windows wrong: thinks that all patients have as many rows as the first
def window_starts(whose, length):
    rows = int((whose == whose[0]).sum())
    return [s for s in range(len(whose) - length + 1) if s // rows == (s + length - 1) // rows]

# %% 03.windows wrong: the mean of the numbers equals the first, 2 1 3 passes
def window_starts(whose, length):
    return [s for s in range(len(whose) - length + 1) if np.mean(whose[s : s + length]) == whose[s]]

# %% 03.windows wrong: counts from the patient's own first row
def window_starts(whose, length):
    return [s for p in dict.fromkeys(whose) for s in range(int((whose == p).sum()) - length + 1)]

# %% 03.windows wrong: expects numbers 0, 1, 2 and so on without gaps
def window_starts(whose, length):
    sizes = [int((whose == p).sum()) for p in range(len(np.unique(whose)))]
    starts, at = [], 0
    for n in sizes:
        starts += range(at, at + n - length + 1)
        at += n
    return starts

# %% 03.windows wrong: only the first window of each patient
def window_starts(whose, length):
    good = [s for s in range(len(whose) - length + 1) if len(set(whose[s : s + length])) == 1]
    return [s for s in good if s == 0 or whose[s - 1] != whose[s]]

# %% 03.windows wrong: the ends, not the starts
def window_starts(whose, length):
    return [s + length - 1 for s in range(len(whose) - length + 1) if len(set(whose[s : s + length])) == 1]

# %% 03.windows wrong: looks at the first and the middle row
def window_starts(whose, length):
    return [s for s in range(len(whose) - length + 1) if whose[s] == whose[s + length // 2]] if length > 1 else list(range(len(whose)))

# %% 03.windows wrong: the patient's number is taken as true or false, 0 is never a patient
def window_starts(whose, length):
    return [s for s in range(len(whose) - length + 1) if whose[s] and len(set(whose[s : s + length])) == 1]

# %% 03.windows wrong: a list of True and False
def window_starts(whose, length):
    return [len(set(whose[s : s + length])) == 1 for s in range(len(whose) - length + 1)]

# %% 03.gru_step right
from course_utils import scratch

def gru_step(x, h, W, R, b):
    return scratch.gru_step(x[None], h[None], W, R, b)[0]

# %% 03.gru_step right
import math

def gru_step(x, h, W, R, b):
    U = len(h)
    new = []
    for k in range(U):
        a = [float(b[0][k + n * U] + sum(x[f] * W[f][k + n * U] for f in range(len(x)))) for n in range(3)]
        s = [float(b[1][k + n * U] + sum(h[j] * R[j][k + n * U] for j in range(U))) for n in range(3)]
        z = 0.5 * (1 + math.tanh((a[0] + s[0]) / 2))
        r = 0.5 * (1 + math.tanh((a[1] + s[1]) / 2))
        new.append(z * h[k] + (1 - z) * math.tanh(a[2] + r * s[2]))
    return new

# %% 03.gru_step right
from scipy.special import expit

def gru_step(x, h, W, R, b):
    a, s = (x @ W + b[0]).reshape(3, -1), (h @ R + b[1]).reshape(3, -1)
    z, r = expit(a[:2] + s[:2])
    g = np.tanh(a[2] + r * s[2])
    return g + z * (h - g)

# %% 03.gru_step right
from course_utils import scratch

def gru_step(x, h, W, R, b):
    Wz, Wr, Wg = np.split(W, 3, axis=1)
    Rz, Rr, Rg = np.split(R, 3, axis=1)
    (bz, br, bg), (cz, cr, cg) = np.split(b[0], 3), np.split(b[1], 3)
    z = scratch.sigmoid(x @ Wz + h @ Rz + bz + cz)
    r = scratch.sigmoid(x @ Wr + h @ Rr + br + cr)
    return z * h + (1 - z) * np.tanh(x @ Wg + bg + r * (h @ Rg + cg))

# %% 03.gru_step right
def gru_step(x, h, W, R, b):
    x, h, W, R, b = (np.asarray(a, "float32") for a in (x, h, W, R, b))
    a, s = np.split(W.T @ x + b[0], 3), np.split(R.T @ h + b[1], 3)
    z, r = (1 / (1 + np.exp(-(a[k] + s[k]))) for k in (0, 1))
    return (1 - z) * np.tanh(a[2] + s[2] * r) + h * z

# %% 03.gru_step wrong: z and 1 - z exchanged, as in Chung et al. 2014
from course_utils import scratch

def gru_step(x, h, W, R, b):
    a, s = np.split(x @ W + b[0], 3), np.split(h @ R + b[1], 3)
    z, r = scratch.sigmoid(a[0] + s[0]), scratch.sigmoid(a[1] + s[1])
    return (1 - z) * h + z * np.tanh(a[2] + r * s[2])

# %% 03.gru_step wrong: the older form
from course_utils import scratch

def gru_step(x, h, W, R, b):
    U = len(h)
    a, s = np.split(x @ W + b[0], 3), np.split(h @ R + b[1], 3)
    z, r = scratch.sigmoid(a[0] + s[0]), scratch.sigmoid(a[1] + s[1])
    g = np.tanh(a[2] + (r * h) @ R[:, 2 * U :] + b[1][2 * U :])
    return z * h + (1 - z) * g

# %% 03.gru_step wrong: the order r, z, g
from course_utils import scratch

def gru_step(x, h, W, R, b):
    a, s = np.split(x @ W + b[0], 3), np.split(h @ R + b[1], 3)
    r, z = scratch.sigmoid(a[0] + s[0]), scratch.sigmoid(a[1] + s[1])
    return z * h + (1 - z) * np.tanh(a[2] + r * s[2])

# %% 03.gru_step wrong: both biases beside the input
from course_utils import scratch

def gru_step(x, h, W, R, b):
    a, s = np.split(x @ W + b.sum(axis=0), 3), np.split(h @ R, 3)
    z, r = scratch.sigmoid(a[0] + s[0]), scratch.sigmoid(a[1] + s[1])
    return z * h + (1 - z) * np.tanh(a[2] + r * s[2])

# %% 03.gru_step wrong: no reset gate
from course_utils import scratch

def gru_step(x, h, W, R, b):
    z, _, g = np.split(x @ W + b[0] + h @ R + b[1], 3)
    z = scratch.sigmoid(z)
    return z * h + (1 - z) * np.tanh(g)

# %% 03.gru_step wrong: own sigmoid gives NaN for large numbers
def gru_step(x, h, W, R, b):
    a, s = np.split(x @ W + b[0], 3), np.split(h @ R + b[1], 3)
    z, r = (np.exp(a[k] + s[k]) / (1 + np.exp(a[k] + s[k])) for k in (0, 1))
    return z * h + (1 - z) * np.tanh(a[2] + r * s[2])

# %% 03.gru_step wrong: half precision
from course_utils import scratch

def gru_step(x, h, W, R, b):
    a, s = np.split(x @ W + b[0], 3), np.split(h @ R + b[1], 3)
    z, r = scratch.sigmoid(a[0] + s[0]), scratch.sigmoid(a[1] + s[1])
    return (z * h + (1 - z) * np.tanh(a[2] + r * s[2])).astype("float16")
