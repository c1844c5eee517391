# ---
# jupyter:
#   course:
#     title: LSTM gates
#     card: Gates that forget
#     tagline: Take a recurrent network apart gate by gate; forecast for patients it has never seen.
#     part: core
#     questions:
#       - What do the gates of an LSTM do, and does its gradient vanish?
#       - How do I split measurements of the same patients?
#     objectives:
#       - compute one step of a plain recurrent cell, of an LSTM and of a GRU, on paper, in NumPy and in Keras
#       - measure how fast a gradient vanishes along time, and say what the forget gate does about it
#       - read the gates of a trained network on a task that needs forgetting
#       - forecast a measurement and test the forecast on patients that the network has never seen
#     needs:
#       - "chapters [01](01_cnn_basics.ipynb) and [02](02_cross_entropy.ipynb): Dense, sigmoid, tanh, logit, gradient"
#       - matrix products (`x @ W`)
#     minutes: 90
#     datasets: simulated patients
#     data: >-
#       All generated here: a monitor's alarms, and heart rates and temperatures of simulated patients. Every table and
#       figure says so. Real records come in chapter 05.
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% tags=["start"]
from course_utils import check, hint, progress, quiz, setup

device = setup()

# %% [markdown] tags=["instructor"]
# **Guide to this chapter**
#
# **Goals.** At the end they can compute one step of an LSTM on paper, say from a forget gate's value how long a
# memory lasts, and insist that a forecast be tested on patients whom the model has never seen.
#
# **Where people get stuck**
#
# - `03.last_value_rmse` (section 1): watch for a forecast that is always one place ahead, and for `np.roll`, which
#   carries the end to the beginning. Write six numbers in a row and the same row below, moved to the right by
#   `ahead`; only the columns with two numbers count.
# - `03.lstm_step` (section 4): watch for the order of the four (i, f, g, o), for a sigmoid on the candidate, for `@`
#   where gates multiply number by number, and for 1 − f. Draw the cell as a tank: f is what stays, i times g is what
#   is poured in. The name misleads; call it the keep gate.
# - `03.lstm_parameters` (section 4): watch for three sets instead of four, and for the weights from the old state
#   being left out. Count one gate first: from the input, from the state, the bias.
# - `03.forget_bias` (section 5): watch for f itself, and for 1 − 1 / steps. Two questions on the board: "Which f,
#   taken `steps` times, leaves a half?" and "Which number must go into σ for that f?"
# - `03.windows` (section 9): watch for comparing the two ends only, and for the last window being lost. Write whose =
#   1 1 2 1 1 1 and slide a frame of three along it: the second place is the trap.
#
# **Say**
#
# - "Where does this number live: in the weights, or in the state?" Ask it whenever "memory" is said.
# - "One of these columns is about your next patient. Which one?" (section 9)
# - "A gate is part of a circuit; one number of it is not the whole explanation." (section 8)
#
# **When late, skip** section 6, the last paragraph of section 7, and exercises 4 and 5. Without the mathematics, go
# from section 2 to 4, then 8 and 9. No later cell uses what an exercise asks for; but sections 7 to 10 use functions
# defined from section 3 on, so run every cell, don't discuss it. Keep section 9: it is what this chapter has to say
# to a clinician.

# %% [markdown]
# ## 1 A sequence in a hospital, and the forecast to beat
#
# A patient on a ward is measured every hour: heart rate and temperature, for days. That is a **sequence**, and its
# order means something: 38.9 °C on the way up is not 38.9 °C on the way down. The networks of the last chapters take an
# image at once. This chapter is about networks that read one step after the other and carry a **memory** along.
#
# We simulate patients, so that everybody can run this. Each has a heart rate of their own and a daily rhythm. Now and
# then an infection drives the temperature up, hour by hour; the heart follows two hours later; and when the fever is
# high, paracetamol brings both down for a while.

# %%
import numpy as np
import pandas as pd

HOURS = 240


def simulated_patient(rng):
    """Ten days of one simulated patient, hour by hour: heart rate (beats/min) and temperature (°C)."""
    daily = np.cos(
        2 * np.pi * (np.arange(HOURS) - rng.normal(17, 1)) / 24
    )  # highest about 17:00
    rise = rng.uniform(0.15, 0.4)  # °C an hour while infected
    fever, noise, ill, drug = np.zeros(HOURS), np.zeros(HOURS), 0, -99
    for t in range(1, HOURS):
        if not ill and rng.random() < 1 / 40:
            ill = int(rng.integers(15, 50))  # hours that the infection lasts
        ill = max(ill - 1, 0)
        if fever[t - 1] > 1.7 and t - drug > 8:
            drug = t  # paracetamol, which works for five hours
        fever[t] = fever[t - 1] + rise * (ill > 0)
        if t - drug < 5:
            fever[t] *= 0.65  # the drug at work
        elif not ill:
            fever[t] *= 0.85  # the fever fades by itself
        noise[t] = 0.7 * noise[t - 1] + rng.normal(0, 1.2)
    two_hours_ago = np.concatenate([[0, 0], fever[:-2]])
    heart = rng.normal(78, 10) + rng.uniform(2, 6) * daily + rng.uniform(8, 12) * two_hours_ago
    temperature = rng.normal(36.8, 0.2) + rng.uniform(0.1, 0.3) * daily + fever
    measured = heart + noise + rng.normal(0, 1, HOURS), temperature + rng.normal(0, 0.1, HOURS)
    return np.stack(measured, axis=1)


rng = np.random.default_rng(7)
train_patients = [simulated_patient(rng) for _ in range(8)]
test_patients = [simulated_patient(rng) for _ in range(40)]

# %%
from course_utils import plots, show

fig, (upper, lower) = plots.figure(8.5, 4.0, 2, 1, sharex=True)
for number, (colour, style) in enumerate(plots.STYLES[:2]):
    upper.plot(
        train_patients[number][:, 0],
        color=colour,
        linestyle=style,
        label=f"patient {number + 1}",
    )
    lower.plot(train_patients[number][:, 1], color=colour, linestyle=style)
upper.set(ylabel="heart rate (beats/min)")
lower.set(ylabel="temperature (°C)", xlabel="hour", xticks=range(0, 241, 24))
upper.legend(frameon=False, fontsize=8, loc="upper right")
fig.suptitle(
    "Two patients: each has a level of their own, and both curves rise with a fever",
    fontsize=10,
)
show(
    fig,
    "Heart rate above and temperature below over ten days for two patients: slow daily waves, and steep climbs of some hours "
    "in which both curves rise together.",
    source="simulator",
)

# %% [markdown]
# The task of this chapter: from the last 24 hours, **forecast the heart rate three hours ahead**. And the baseline
# comes first, the simplest forecast of all: *it stays as it is*. Its error is measured in beats per minute by the
# **RMSE**, the root of the mean of the squared errors.
#
# ### Exercise 1: the last value
#
# `values` holds one patient's measurements, hour by hour. Forecast each by the value `ahead` places earlier, and return
# the RMSE of all these forecasts.


# %% tags=["exercise"]
def last_value_rmse(values, ahead):
    # replace the dots with your own lines, ending in: return ...
    ...


check("03.last_value_rmse", last_value_rmse)
# hint("03.last_value_rmse")


# %% tags=["solution"]
def last_value_rmse(values, ahead):
    return np.sqrt(((values[ahead:] - values[:-ahead]) ** 2).mean())


check("03.last_value_rmse", last_value_rmse)

# %% [markdown]
# We come back to the forecast in section 9. First the cells, one by one.
#
# ## 2 The plain recurrent cell
#
# A **recurrent cell** has a memory: a row of $U$ numbers $h$, the **hidden state**. At each step it reads the input
# $x_t$ (say, heart rate and temperature now), mixes it with what it remembers, and the result is the new memory:
#
# $$h_t = \tanh(x_t W + h_{t-1} R + b)$$
#
# $W$ weighs the input, $R$ (for *recurrent*) the old state, $b$ is the bias. The same $W$, $R$ and $b$ are used at
# every step, as a kernel is used at every place of an image. The tanh keeps each number of the state between −1 and 1.
#
# On paper, with one input and one unit (one number of state): $W = 0.5$, $R = 0.8$, $b = 0$. The inputs are 1, 0, 0:
# something happens once, then nothing more. How long does the cell remember it?

# %%
h, W, R, b = 0.0, 0.5, 0.8, 0.0
for t, x in enumerate((1.0, 0.0, 0.0, 0.0, 0.0), 1):
    z = x * W + h * R + b
    print(f"step {t}: tanh({x} · {W} + {h:.3f} · {R}) = {np.tanh(z):.3f}")
    h = np.tanh(z)

# %% [markdown]
# It fades: at each step, what is left is multiplied by 0.8 and bent by the tanh.
#
# ### Exercise 2: a step with many units
#
# Now `x` is a row of F inputs, `h` a row of U units, `W` has the shape (F, U), `R` (U, U) and `b` (U,). Return the new
# state.


# %% tags=["exercise"]
def rnn_step(x, h, W, R, b):
    # replace the dots with your own lines, ending in: return ...
    ...


check("03.rnn_step", rnn_step)
# hint("03.rnn_step")


# %% tags=["solution"]
def rnn_step(x, h, W, R, b):
    return np.tanh(x @ W + h @ R + b)


check("03.rnn_step", rnn_step)

# %% [markdown]
# The course has this step for many patients at once as `scratch.rnn_step`, and the walk through a whole sequence as
# `scratch.rnn`. Keras calls it `SimpleRNN`. The same weights, the same numbers? A batch of sequences has the shape
# (patients, steps, inputs).

# %%
import keras
from keras import layers, ops

from course_utils import scratch

x = rng.normal(size=(4, 10, 2)).astype("float32")  # 4 patients, 10 hours, 2 measurements
layer = layers.SimpleRNN(
    5, return_sequences=True
)  # the state after every step, not only the last one
in_keras = ops.convert_to_numpy(layer(x))
in_numpy = scratch.rnn(x, *layer.get_weights())
print(
    "states:", in_keras.shape, f"; largest difference {np.abs(in_keras - in_numpy).max():.0e}"
)
assert np.allclose(in_keras, in_numpy, atol=1e-5)

# %% [markdown]
# ## 3 Backwards through time
#
# Suppose the answer at the end, after step $T$, depends on something that happened long before, at step $t$. To learn
# that, training needs to know: had the state $h_t$ been a little different, how much would $h_T$ have changed? That is
# the derivative $\partial h_T / \partial h_t$. By the chain rule it is a product, one factor for each step in between.
#
# With one unit, the factor of a step is $R \, (1 - h^2)$, since the slope of tanh is $1 - \tanh^2$. Here are the
# factors of our example, and their product from the event on:

# %%
h, product = np.tanh(1.0 * 0.5), 1.0
for t in range(2, 6):
    h = np.tanh(h * 0.8)
    product *= 0.8 * (1 - h**2)
    print(
        f"step {t}: factor 0.8 · (1 − {h:.3f}²) = {0.8 * (1 - h**2):.2f}, product {product:.2f}"
    )

# %% [markdown]
# With many units each factor is a table: its row $j$, column $k$ says how the new $h_k$ answers to the old $h_j$.
#
# $$\frac{\partial h_T}{\partial h_t} = \prod_{s=t+1}^{T} \frac{\partial h_s}{\partial h_{s-1}}, \qquad
# \frac{\partial h_s}{\partial h_{s-1}} = R \;\text{with each column $k$ multiplied by}\; 1 - h_{s,k}^2$$
#
# Going back like this is called **backpropagation through time**. And a product of fifty factors is a delicate thing:
# $0.9^{50}$ is 0.005, $1.1^{50}$ is 117. If the factors are mostly smaller than 1, the **gradient vanishes**: the
# network cannot learn from what lies far back, since nothing tells it how to change.
#
# We compute the product by hand, and let Keras' tape confirm it. To have a single number at the end, we take a random
# mixture of the units, $v \cdot h_T$ with $v$ of length 1, and ask for its gradient along $h_t$. Its length says how
# much of a pull at the end arrives at step $t$. The **lag** is $T - t$.

# %%
import tensorflow as tf

UNITS, INPUTS, STEPS = 32, 4, 60


def gradient_norms(cell, x, v):
    """Length of the gradient of v · h_T along the state, for lags 0, 1, ...; shape (steps, sequences)."""
    state = [
        ops.zeros((len(x), UNITS)) for _ in range(2 if "LSTM" in type(cell).__name__ else 1)
    ]
    states = []
    with tf.GradientTape() as tape:
        tape.watch(state)
        for t in range(x.shape[1]):
            _, state = cell(x[:, t], state)
            state = [
                tf.identity(s) for s in state
            ]  # a copy: the tape tells tensors apart, not steps
            states.append(state)
        end = ops.sum(v * state[0])
    gradients = tape.gradient(end, states, unconnected_gradients="zero")
    squares = [sum(ops.sum(g**2, axis=1) for g in of_step) for of_step in gradients]
    return np.sqrt(np.stack(squares))[::-1]


def random_sequences(seed, scale=1.0):
    rng = np.random.default_rng(seed)
    x = scale * rng.normal(size=(16, STEPS, INPUTS))
    v = rng.normal(size=(16, UNITS))
    return x.astype("float32"), (v / np.linalg.norm(v, axis=1, keepdims=True)).astype("float32")


keras.utils.set_random_seed(0)
x, v = random_sequences(0)
cell = layers.SimpleRNNCell(UNITS)
on_tape = gradient_norms(cell, x, v)

W, R, b = cell.get_weights()
h = scratch.rnn(x, W, R, b)
pull, by_hand = v, []
for t in reversed(range(STEPS)):
    by_hand.append(np.linalg.norm(pull, axis=1))
    pull = (pull * (1 - h[:, t] ** 2)) @ R.T  # the chain rule, one step back
print(f"largest difference: {np.abs(np.array(by_hand) - on_tape).max():.0e}")
print("length of the gradient, geometric mean (the mean of the logarithms) of 16 sequences:")
for lag in (0, 10, 20, 50):
    print(f"lag {lag:2}: {np.exp(np.log(on_tape[lag]).mean()):.1e}")

# %% [markdown]
# What happened fifty steps ago reaches the end with a few millionths of its force. Keep these numbers in mind. (With an
# $R$ whose factors are larger than 1 the opposite happens: the gradient *explodes*. That is easier to treat: it is cut
# to a largest length, `clipnorm` in Keras.)
#
# ## 4 The LSTM, one gate at a time
#
# *Long short-term memory* is an odd name. It means a short-term memory (the state, as opposed to the weights) that
# lasts long. The idea (Hochreiter and Schmidhuber, 1997; the forget gate was added in 2000): keep the memory on a path
# of its own, the **cell state** $c$, where nothing bends or mixes it. At each step only two things may happen to it:
# part of the old is kept, and something new is added.
#
# How much is decided by **gates**. A gate is a number between 0 (shut) and 1 (open) that something is multiplied by.
# It is computed by a sigmoid from the input and the hidden state, so a network can learn *when* to open it. One by one:
#
# **1 · The forget gate** says how much of the old content is kept. (It should be called the keep gate: 1 keeps all.)
#
# $$f_t = \sigma(x_t W_f + h_{t-1} R_f + b_f)$$
#
# **2 · The input gate** says how much of the new is let in.
#
# $$i_t = \sigma(x_t W_i + h_{t-1} R_i + b_i)$$
#
# **3 · The candidate** is the new itself, from −1 to 1. It is no gate, hence the tanh.
#
# $$g_t = \tanh(x_t W_g + h_{t-1} R_g + b_g)$$
#
# **4 · The cell** keeps and adds:
#
# $$c_t = f_t \, c_{t-1} + i_t \, g_t$$
#
# (Gates multiply *number by number*, each unit by its own gate: `*` in NumPy, not `@`.)
#
# **5 · The output gate** says how much of the cell is shown to the outside, as the hidden state:
#
# $$o_t = \sigma(x_t W_o + h_{t-1} R_o + b_o), \qquad h_t = o_t \tanh(c_t)$$
#
# With one unit you can do it on paper. Say the cell holds 0.5, and this arrives at the gates:

# %%
into = {"forget": 2.0, "input": -1.0, "candidate": 0.5, "output": 0.0}
f, i, o = (scratch.sigmoid(into[gate]) for gate in ("forget", "input", "output"))
g = np.tanh(into["candidate"])
c = f * 0.5 + i * g
print(
    f"forget gate f = σ(2) = {f:.3f}, input gate i = σ(−1) = {i:.3f}, candidate g = tanh(0.5) = {g:.3f}"
)
print(f"cell c = {f:.3f} · 0.5 + {i:.3f} · {g:.3f} = {c:.3f}")
print(
    f"output gate o = σ(0) = {o:.3f}, hidden state h = {o:.3f} · tanh({c:.3f}) = {o * np.tanh(c):.3f}"
)

# %% [markdown]
# Drag what goes into the gates, and watch the cell. Here the gates stay as they are for twenty steps, and the cell
# starts at start. Make it remember for all twenty. Make it forget at once. Make it count upwards. What must the input
# gate do in each case? (The output gate is left out; it does not touch the cell.)

# %%
from course_utils import widgets

widgets.explore_lstm_cell()

# %% [markdown] tags=["instructor"]
# Ask for three settings aloud: remember (f high, i low), forget (f low), count (f high, i high, g positive). The last
# one shows why the cell has no tanh around it: it may grow beyond 1. If somebody asks why f at +6 still loses a
# little, that is the half-life of section 5.

# %% [markdown]
# ### Exercise 3: a step of the LSTM
#
# Keras stores the weights of all four side by side, in the order **i, f, g, o**: `W` has the shape (F, 4U), `R` (U,
# 4U), `b` (4U,). So one product gives everything that goes into the gates, and `np.split(z, 4)` cuts it into four rows
# of U numbers. Return the new hidden state and the new cell, `h, c`. There is a `scratch.sigmoid`.


# %% tags=["exercise"]
def lstm_step(x, h, c, W, R, b):
    # replace the dots with your own lines, ending in: return ...
    ...


check("03.lstm_step", lstm_step)
# hint("03.lstm_step")


# %% tags=["solution"]
def lstm_step(x, h, c, W, R, b):
    i, f, g, o = np.split(x @ W + h @ R + b, 4)
    c = scratch.sigmoid(f) * c + scratch.sigmoid(i) * np.tanh(g)
    h = scratch.sigmoid(o) * np.tanh(c)
    return h, c


check("03.lstm_step", lstm_step)

# %% [markdown]
# And against Keras: the same weights, the same sequences. `scratch.lstm` walks through the steps and returns the gates
# by name, which Keras does not show. We shall need that.

# %%
layer = layers.LSTM(5, return_sequences=True)
in_keras = ops.convert_to_numpy(layer(x))
steps = scratch.lstm(x, *layer.get_weights())
print(f"largest difference: {np.abs(in_keras - steps.h).max():.0e}")
assert np.allclose(in_keras, steps.h, atol=1e-5)
print("gates by name:", steps._fields)

W, R, b = layer.get_weights()
order = list("ifgo")
swapped = [
    np.concatenate([np.split(w, 4, axis=-1)[order.index(k)] for k in "figo"], axis=-1)
    for w in (W, R, b)
]
print(f"with i and f exchanged: {np.abs(in_keras - scratch.lstm(x, *swapped).h).max():.2f}")

# %% [markdown]
# The last line is a trap: other libraries and papers use other orders. Weights copied in the wrong order raise no
# error, only wrong numbers. Comparing with a known result is the only protection.
#
# ### Exercise 4: count the parameters
#
# How many parameters has an LSTM with `units` units that reads `features` inputs? Each of the four sets (i, f, g, o)
# has its $W$, its $R$ and its $b$.


# %% tags=["exercise"]
def lstm_parameters(features, units):
    # replace the dots with your own lines, ending in: return ...
    ...


check("03.lstm_parameters", lstm_parameters)
# hint("03.lstm_parameters")


# %% tags=["solution"]
def lstm_parameters(features, units):
    return 4 * (features + units + 1) * units


check("03.lstm_parameters", lstm_parameters)

# %% [markdown]
# ## 5 The forget gate in depth
#
# If nothing new comes in, the cell is multiplied by $f$ at every step: after $n$ steps $f^n$ is left. So $f$ sets how
# long the memory lasts. A convenient measure is the **half-life**, as for a drug: the number of steps after which half
# is gone.

# %%
for f in (0.5, 0.731, 0.9, 0.953, 0.99, 0.998):
    z = np.log(f / (1 - f))
    print(
        f"f = {f:5.3f} (into the gate: {z:4.1f}): half-life {np.log(0.5) / np.log(f):6.1f} steps, after 50 steps {f**50:.0e} is left"
    )

# %% [markdown]
# ### Exercise 5: a bias for a half-life
#
# At the start of training the weights are small, and the gate is mostly its bias: $f \approx \sigma(b_f)$. Which bias
# makes the half-life `steps` steps? (The way back from a probability to its logit was in chapter 02.)


# %% tags=["exercise"]
def forget_bias(steps):
    # replace the dots with your own lines, ending in: return ...
    ...


check("03.forget_bias", forget_bias)
# hint("03.forget_bias")


# %% tags=["solution"]
def forget_bias(steps):
    f = 0.5 ** (1 / steps)
    return np.log(f / (1 - f))


check("03.forget_bias", forget_bias)

# %% [markdown]
# Biases usually start at 0. For the forget gate that would be $f = 0.5$, and a memory that halves at every step. So
# Keras starts this one bias at **1** (`unit_forget_bias=True`, after Jozefowicz et al. 2015): $f \approx 0.73$, a
# half-life of 2.2 steps. Longer, but is it enough? We try: a sequence of 40 random numbers, and at the end the network
# is asked for the *first* one. LSTMs that start with a bias of 0, 1 and 3 are trained in the same way, two hundred
# small steps each. Whoever knows nothing and says the mean has an error of about 1.


# %% [markdown] tags=["instructor"]
# A bet before this cell: which of the three starts, 0, 1 or 3, will have learned to remember forty steps? Let them
# use the table of half-lives above to argue. Point out afterwards that the three networks are the same but for one
# starting number.

# %% tags=["gpu"]
from course_utils import fit


def first_of(n, steps=40, seed=0):
    """x: a measurement, and a 1 that marks the first of them; y: the first measurement."""
    measurement = np.random.default_rng(seed).normal(size=(n, steps))
    first = np.zeros((n, steps))
    first[:, 0] = 1
    return np.stack([measurement, first], axis=2).astype("float32"), measurement[:, :1].astype(
        "float32"
    )


def starting_at(value):
    """An initial bias in Keras' order i, f, g, o: `value` for the forget gate and 0 for the others."""
    return lambda shape, dtype=None: ops.repeat(
        ops.array([0, value, 0, 0], "float32"), shape[0] // 4
    )


def rmse(forecast, truth):
    return float(np.sqrt(np.mean((forecast - truth) ** 2)))


x_first, y_first = first_of(1000)
x_first_test, y_first_test = first_of(500, seed=1)
remembered = {"always the mean": rmse(y_first.mean(), y_first_test)}
for bias in (0.0, 1.0, 3.0):
    keras.utils.set_random_seed(0)
    network = keras.Sequential(
        [
            layers.Input((40, 2)),
            layers.LSTM(16, bias_initializer=starting_at(bias), unit_forget_bias=False),
            layers.Dense(1),
        ]
    )
    network.compile(keras.optimizers.Adam(0.005, clipnorm=1.0), loss="mse")
    fit(network, (x_first, y_first), epochs=20, batch_size=100)
    forecast = network.predict(x_first_test, verbose=0)
    remembered[f"LSTM, forget bias starts at {bias:.0f}"] = rmse(forecast, y_first_test)

for name, error in remembered.items():
    print(f"{name:30} error on new sequences {error:.2f}")

# %% [markdown]
# With the same training, only the network whose gate starts well open has learned to remember for forty steps. Between
# 0 and 1 there is no gain to be seen here: half-lives of one step and of two are both far too short for forty. If you
# know how far back a task must look, a bias with about that half-life is a good start. That is what your function is
# for.
#
# ## 6 The GRU, the smaller sibling
#
# The *gated recurrent unit* (Cho et al. 2014) makes do with two gates and without a separate cell: $z$ decides for
# keeping and adding *together*, and $r$ how much of the old state the candidate may see.
#
# $$z_t = \sigma(x_t W_z + h_{t-1} R_z + b_z), \qquad r_t = \sigma(x_t W_r + h_{t-1} R_r + b_r)$$
# $$g_t = \tanh\big(x_t W_g + b_g + r_t \, (h_{t-1} R_g + b'_g)\big), \qquad h_t = z_t \, h_{t-1} + (1 - z_t) \, g_t$$
#
# What $1 - z$ adds is exactly what $z$ lets go. There are three sets of weights rather than four.

# %%
gru_layer = layers.GRU(5, return_sequences=True)
in_keras = ops.convert_to_numpy(gru_layer(x))
W, R, b = gru_layer.get_weights()
print(f"largest difference: {np.abs(in_keras - scratch.gru(x, W, R, b)).max():.0e}")
assert np.allclose(in_keras, scratch.gru(x, W, R, b), atol=1e-5)
print(f"LSTM {layer.count_params()} parameters: 4 · (4 + 5 + 1) · 5")
print(f"GRU  {gru_layer.count_params()} parameters: 3 · (4 + 5 + 2) · 5, for it has two biases")

older = scratch.gru(x, W, R, b.sum(axis=0), reset_after=False)
print(f"the older form with the same weights: {np.abs(in_keras - older).max():.2f}")

# %% [markdown]
# Another trap, in the last line: in the original paper $r$ acts *before* the product with $R$, in Keras
# (`reset_after=True`) after it, with one more bias, which is fast on a GPU. Both are called GRU. Weights of one give
# wrong numbers in the other, and no error.
#
# ## 7 The gradient once more: who remembers?
#
# Now the measurement of section 3 for all cells, as Keras makes them, averaged over five seeds (geometrically, since we
# look at powers of ten). For the LSTM, the state is $h$ and $c$ together. Before you look: which of them do you expect
# to keep the gradient over fifty steps?

# %% [markdown] tags=["instructor"]
# Hands, one question a cell: does the gradient survive fifty steps in the plain cell, in the GRU, in the LSTM as
# Keras starts it? Write the votes down. "The LSTM solves the vanishing gradient" is a sentence that some will have
# read; the figure is more careful than it.

# %%
CELLS = {
    "plain cell": lambda: layers.SimpleRNNCell(UNITS),
    "GRU": lambda: layers.GRUCell(UNITS),
    "LSTM (forget bias 1, as Keras starts)": lambda: layers.LSTMCell(UNITS),
    "LSTM, forget gate open (bias 3)": lambda: layers.LSTMCell(
        UNITS, bias_initializer=starting_at(3.0), unit_forget_bias=False
    ),
    "GRU, gate z open (bias 3)": lambda: layers.GRUCell(
        UNITS, bias_initializer=z_starting_at(3.0)
    ),
}


def z_starting_at(value):
    """An initial bias for a GRU, whose order is z, r, g and which has two rows: `value` for z in the first."""
    return lambda shape, dtype=None: ops.array(
        [[value] * UNITS + [0.0] * 2 * UNITS, [0.0] * 3 * UNITS], "float32"
    )


def average_norms(make_cell, scale=1.0, seeds=5):
    logs = []
    for seed in range(seeds):
        keras.utils.set_random_seed(seed)
        logs.append(
            np.log(gradient_norms(make_cell(), *random_sequences(seed, scale))).mean(axis=1)
        )
    return np.exp(np.mean(logs, axis=0))


norms = {name: average_norms(make) for name, make in CELLS.items()}
fig, ax = plots.figure(7.0, 3.6)
for (name, values), (colour, style) in zip(norms.items(), plots.STYLES, strict=False):
    ax.semilogy(values, color=colour, linestyle=style, label=name)
ax.set(xlabel="lag (steps before the end)", ylabel="length of the gradient")
ax.set_title(
    "As Keras starts them, all fall; with the gate open they keep the gradient", fontsize=10
)
ax.legend(frameon=False, fontsize=8)
show(
    fig,
    "Length of the gradient against lag, logarithmic. The plain cell, the GRU and Keras' usual LSTM fall along nearly "
    "straight lines by many orders of magnitude; LSTM and GRU with an open gate fall a little and then hold.",
    source=None,
)
for name, values in norms.items():
    print(f"{name:38} lag 10: {values[10]:.0e}   lag 50: {values[50]:.0e}")
small = average_norms(CELLS["plain cell"], scale=0.1)
print(
    f"{'plain cell, inputs ten times smaller':38} lag 10: {small[10]:.0e}   lag 50: {small[50]:.0e}"
)

# %% [markdown]
# You will read that "the LSTM solves the vanishing gradient". What we measured is more careful. As Keras starts them,
# the LSTM's gradient vanishes, too, and the GRU's even faster than the plain cell's. Once the gate that keeps is open,
# neither does. The path is there from the start; training (or a bias) must open it.
#
# Two more things for careful readers. With $f = 0.953$, section 5 had 9 % left after fifty steps, and the figure shows
# more. The gates read $h$, too; that second path adds to the first, and with an open gate the sum may even grow with
# the lag. Keeping is not the same as being stable. And the last line: with small inputs the tanh hardly bends, Keras
# starts $R$ as a rotation (*orthogonal*), whose factors are exactly 1, and so the plain cell keeps quite a lot. What
# matters is not the name of the cell, but the size of the factors.
#
# ## 8 A task that needs forgetting
#
# Remembering is one half. A monitor counts alarms, and when a nurse has looked and *acknowledged*, the count starts
# again at 0. The network sees, step by step, whether there is an alarm and whether it was acknowledged, and must say
# how many alarms there have been since. To be right it must keep its count most of the time, and drop it at once when
# asked.

# %% tags=["recipe"]
import keras
import numpy as np
from keras import layers, ops

from course_utils import fit, scratch

TENS = 10  # the network counts in tens of alarms, so that its numbers are about 1


def alarm_log(patients, steps=40, seed=0):
    """x: (alarm, acknowledged) at each step, 0 or 1; y: alarms since the last acknowledgement."""
    rng = np.random.default_rng(seed)
    alarm = rng.random((patients, steps)) < 0.3
    acknowledged = rng.random((patients, steps)) < 0.09
    count, y = np.zeros(patients), np.zeros((patients, steps))
    for t in range(steps):
        count = np.where(acknowledged[:, t], 0, count + alarm[:, t])
        y[:, t] = count
    return np.stack([alarm, acknowledged], axis=2).astype("float32"), y[..., None].astype(
        "float32"
    )


x_alarm, y_alarm = alarm_log(1000, seed=0)
x_alarm_test, y_alarm_test = alarm_log(300, seed=1)

# %% [markdown]
# Baselines first: always the mean, and a linear regression on the last 20 inputs.

# %%
from sklearn.linear_model import LinearRegression


def last_inputs(x, k=20):
    """The last k inputs of each step, side by side; 0 before the beginning."""
    padded = np.pad(x, ((0, 0), (k - 1, 0), (0, 0)))
    windows = [padded[:, start : start + x.shape[1]] for start in range(k)]
    return np.concatenate(windows, axis=2).reshape(-1, 2 * k)


line = LinearRegression().fit(last_inputs(x_alarm), y_alarm.ravel())
counting = {
    "always the mean": np.full_like(y_alarm_test, y_alarm.mean()),
    "linear regression, last 20 inputs": line.predict(last_inputs(x_alarm_test)).reshape(
        y_alarm_test.shape
    ),
}

# %% [markdown]
# Then three networks of only **two units**, so that we can look at each of them: an LSTM, a GRU, and an LSTM whose
# forget gate is held open, $f = 1$ at every step. For the latter we write a *constraint*, a rule that Keras applies to
# the weights after each step of training. It sets everything that goes into the forget gate to 0, but for a bias of 20,
# and $\sigma(20)$ is 1 for all purposes. That network can only add to its memory, never drop it.


# %% tags=["gpu", "recipe"]
class ForgetGate(keras.constraints.Constraint):
    """Holds the forget gate's part of the weights (the second of i, f, g, o) at one value."""

    def __init__(self, value):
        self.value = value

    def __call__(self, w):
        i, f, g, o = ops.split(w, 4, axis=-1)
        return ops.concatenate([i, ops.full_like(f, self.value), g, o], axis=-1)


def plain_lstm(units):
    return layers.LSTM(units, return_sequences=True)


def never_forgetting(units):
    return layers.LSTM(
        units,
        return_sequences=True,
        kernel_constraint=ForgetGate(0.0),
        recurrent_constraint=ForgetGate(0.0),
        bias_constraint=ForgetGate(20.0),
    )


def train_counter(make_layer, seed=0, epochs=40):
    """Two units and one Dense layer, trained to count; the last steps of training are small ones."""
    keras.utils.set_random_seed(seed)
    layer = make_layer(2)
    network = keras.Sequential([layers.Input((None, 2)), layer, layers.Dense(1)])
    for weight in layer.trainable_weights:
        if weight.constraint:
            weight.assign(weight.constraint(weight))  # once before the first step, too
    steps = epochs * len(x_alarm) // 100
    rate = keras.optimizers.schedules.CosineDecay(0.05, decay_steps=steps)
    network.compile(keras.optimizers.Adam(rate), loss="mse")
    fit(network, (x_alarm, y_alarm / TENS), epochs=epochs, batch_size=100, seed=seed)
    return network


def count_alarms(network, x):
    return TENS * network.predict(x, verbose=0, batch_size=300)


def forget_gate(network, x):
    """The forget gate at each step, (sequences, steps, units), computed by our own LSTM from the trained weights."""
    return scratch.lstm(x, *network.layers[0].get_weights()).forget_gate


# %%
counters = {
    "LSTM": train_counter(plain_lstm),
    "LSTM, forget gate held at 1": train_counter(never_forgetting),
    "GRU": train_counter(lambda units: layers.GRU(units, return_sequences=True)),
}
for name, network in counters.items():
    counting[name] = count_alarms(network, x_alarm_test)

# %% [markdown]
# Each error with its 95 % interval, from drawing whole sequences anew (1,000 times):

# %%
from course_utils import show_results


def rmse_of_draws(forecast, truth, whose):
    """The RMSE of 1,000 draws of *whole* patients (or sequences): what belongs to one stays together."""
    people, of_person = np.unique(whose, return_inverse=True)
    squares = np.bincount(of_person, (forecast - truth) ** 2)
    sizes = np.bincount(of_person)
    drawn = np.random.default_rng(0).integers(0, len(people), (1000, len(people)))
    return np.sqrt(squares[drawn].sum(axis=1) / sizes[drawn].sum(axis=1))


def rmse_with_interval(forecast, truth, whose):
    low, high = np.percentile(rmse_of_draws(forecast, truth, whose), (2.5, 97.5))
    return f"{rmse(forecast, truth):.2f} ({low:.2f} to {high:.2f})"


sequence = np.repeat(np.arange(300), 40)
show_results(
    [
        {
            "model": name,
            "error in alarms, RMSE (95 % interval)": rmse_with_interval(
                p.ravel(), y_alarm_test.ravel(), sequence
            ),
        }
        for name, p in counting.items()
    ],
    source="simulator",
    caption="Counting alarms since the last acknowledgement, 300 new sequences, seed 0",
)

# %% [markdown]
# The free LSTM counts best. Held open, it does clearly worse. (So it was before the forget gate was invented: $f = 1$
# is the LSTM of 1997.) But it still beats the linear regression by far. The candidate can be negative, and the hidden
# state is not held, so it can work its way back in part, with more trouble. "Without a forget gate it cannot forget"
# would be too strong. The GRU *can* forget, and here it is hardly better than the held one: with two units it must keep
# and add by the same gate, and counting asks for both at once. (That is our guess, and we have not tested it.)
#
# Now the gate itself. Below is one new sequence: the true count and the network's, and the forget gate of both units.
# Look at the dotted lines, where the nurse came.

# %% tags=["cover"]
f = forget_gate(counters["LSTM"], x_alarm_test)
reset = x_alarm_test[..., 1] == 1
one = int(np.argmax((reset.sum(axis=1) == 4) & ~reset[:, :4].any(axis=1)))
fig, (upper, lower) = plots.figure(8.0, 4.4, 2, 1, sharex=True)
upper.step(range(40), y_alarm_test[one, :, 0], where="mid", color=plots.BLACK, label="truth")
upper.plot(counting["LSTM"][one, :, 0], "o:", color=plots.GREEN, markersize=3, label="LSTM")
upper.set(ylabel="alarms since\nthe last visit")
upper.legend(frameon=False, fontsize=8)
for unit, (colour, style) in enumerate(plots.STYLES[:2]):
    lower.plot(
        f[one, :, unit], marker=".", color=colour, linestyle=style, label=f"unit {unit + 1}"
    )
lower.set(xlabel="step", ylabel="forget gate f", ylim=(-0.05, 1.05))
lower.legend(frameon=False, fontsize=8, loc="lower left")
for ax in (upper, lower):
    for t in np.flatnonzero(reset[one]):
        ax.axvline(t, color="gray", linestyle=":", linewidth=1)
fig.suptitle("Where the count is reset, a forget gate shuts", fontsize=10)
show(
    fig,
    "Above, the true number of alarms and the network's, which follow each other and drop to zero at four dotted lines. "
    "Below, the forget gates of two units over time: at the dotted lines at least one of them falls.",
    source="simulator",
)

# %% [markdown]
# One sequence may be a lucky one. So over all 300, for each unit:

# %%
show_results(
    [
        {
            "unit": unit + 1,
            "mean f at resets": f"{f[reset][:, unit].mean():.2f}",
            "mean f elsewhere": f"{f[~reset][:, unit].mean():.2f}",
        }
        for unit in range(2)
    ]
    + [
        {
            "unit": "both",
            "mean f at resets": f"{f[reset].mean():.2f}",
            "mean f elsewhere": f"{f[~reset].mean():.2f}",
        }
    ],
    source="simulator",
    caption="The forget gate of the trained LSTM, 300 new sequences, seed 0",
)

# %% [markdown]
# Nobody told the network what a forget gate is for. It was only punished for wrong counts, and it has learned to shut
# *a* gate when the nurse comes (the other unit may follow, or not). Mind the last column, too: elsewhere $f$ is not 1,
# although the count is kept. The cell also feeds itself through $h$ and the input gate. A gate is part of a circuit,
# and one number of it is not the whole explanation. (With more units the work is spread, and single gates say less.)
#
# ## 9 The forecast, tested on people it has never seen
#
# Back to the heart rates. To train, each patient's ten days are cut into **windows** of 24 hours, and each window gets
# as its target the heart rate three hours after its end.
#
# ### Exercise 6: what is wrong here? Windows across patients
#
# Somebody has the measurements of all patients below each other in one long table; the array `whose` holds the
# patient's number for each row. They cut all windows of `length` rows, one starting at each row: `range(len(whose) -
# length + 1)` are the starts. But some windows begin in one patient and end in the next: they show a jump that never
# happened in anybody. Return the list of the starts of those windows that are all of one patient.


# %% tags=["exercise"]
def window_starts(whose, length):
    # replace the dots with your own lines, ending in: return ...
    ...


check("03.windows", window_starts)
# hint("03.windows")


# %% tags=["solution"]
def window_starts(whose, length):
    return [
        start
        for start in range(len(whose) - length + 1)
        if (whose[start : start + length] == whose[start]).all()
    ]


check("03.windows", window_starts)

# %% [markdown]
# We cut patient by patient, so this cannot happen. Then the split, and here we do on purpose what many tutorials do: of
# the windows of our eight training patients, a fifth is drawn at random and **held out**. Forty other patients are kept
# apart.

# %%
WINDOW, AHEAD = 24, 3


def windows_of(patients, step):
    """x: 24 hours of both measurements; y: heart rate 3 hours later; whose: number of the patient."""
    x, y, whose = [], [], []
    for number, values in enumerate(patients):
        for end in range(WINDOW, HOURS - AHEAD + 1, step):
            x.append(values[end - WINDOW : end])
            y.append(values[end + AHEAD - 1, 0])
            whose.append(number)
    return np.array(x, "float32"), np.array(y, "float32"), np.array(whose)


x_all, y_all, whose_all = windows_of(train_patients, step=2)
held_out = np.random.default_rng(0).random(len(y_all)) < 0.2
x_train, y_train, whose_train = x_all[~held_out], y_all[~held_out], whose_all[~held_out]
parts = {
    "training windows": (x_train, y_train, whose_train),
    "held-out windows, same patients": (x_all[held_out], y_all[held_out], whose_all[held_out]),
    "40 unseen patients": windows_of(test_patients, step=6),
}
for name, (_, y, whose) in parts.items():
    print(f"{name:32} {len(y):5} windows of {len(np.unique(whose)):2} patients")

# %% [markdown]
# The models: the last value; **ridge regression**, a linear regression on all 48 numbers of the window that keeps its
# weights small, so that it does not chase noise; and a **stacked LSTM**, two layers on top of each other (the lower one
# hands on its state of every step), with *dropout* in between (in training, a random fifth of the numbers is set to 0,
# so that none becomes indispensable).
#
# The LSTM comes in two versions. One forecasts the *level*: heart rates in, heart rate out. The other forecasts the
# *change*: all heart rates of the window are taken relative to the last one, and it says how much will be added. What
# it learns from data for the scaling (means and spreads) comes from the training windows alone.

# %% tags=["gpu"]
from sklearn.linear_model import RidgeCV

mean, spread = x_train.mean(axis=(0, 1)), x_train.std(axis=(0, 1))


def last_value(x):
    return x[:, -1, 0]


typical_change = (y_train - last_value(x_train)).std()


def stacked_lstm():
    keras.utils.set_random_seed(0)
    network = keras.Sequential(
        [
            layers.Input((WINDOW, 2)),
            layers.LSTM(16, return_sequences=True),
            layers.Dropout(0.2),
            layers.LSTM(16),
            layers.Dropout(0.2),
            layers.Dense(1),
        ]
    )
    network.compile(keras.optimizers.Adam(0.005), loss="mse")
    return network


def level(x):
    return (x - mean) / spread


def relative(x):
    z = (x - mean) / spread
    return np.stack([z[:, :, 0] - z[:, -1:, 0], z[:, :, 1]], axis=2)


epochs = device.pick(cpu=40, gpu=40)
of_level, of_change = stacked_lstm(), stacked_lstm()
fit(of_level, (level(x_train), (y_train - mean[0]) / spread[0]), epochs=epochs, batch_size=64)
fit(
    of_change,
    (relative(x_train), (y_train - last_value(x_train)) / typical_change),
    epochs=epochs,
    batch_size=64,
)
ridge = RidgeCV(np.logspace(-2, 4, 13)).fit(x_train.reshape(len(x_train), -1), y_train)


def predicted(network, x):
    return network.predict(x, verbose=0, batch_size=1000)[:, 0]


forecasters = {
    "last value": last_value,
    "ridge regression": lambda x: ridge.predict(x.reshape(len(x), -1)),
    "stacked LSTM, level": lambda x: mean[0] + spread[0] * predicted(of_level, level(x)),
    "stacked LSTM, change": lambda x: (
        last_value(x) + typical_change * predicted(of_change, relative(x))
    ),
}

# %% [markdown] tags=["instructor"]
# On the projector, first show the table with its last column covered (a sheet of paper will do). "Which model would
# you publish?" Then uncover it. The point to make: the second column looks like a test and is none, since its windows
# belong to the people of the first.

# %%
show_results(
    [
        {"model": name}
        | {
            part: rmse_with_interval(forecast(x), y, whose)
            for part, (x, y, whose) in parts.items()
        }
        for name, forecast in forecasters.items()
    ],
    source="simulator",
    caption="Heart rate 3 hours ahead, RMSE in beats/min (95 % interval, drawn by patient)",
)

# %% [markdown]
# The intervals of the first two columns rest on eight people and are rough; and none of them holds the luck of the
# training's seed. Read the table column by column.
#
# - **Training windows**: the LSTM that forecasts the change seems the best of all. This is the column that many
#   notebooks report as their result.
# - **Held-out windows of the same patients**: much the same figures. They seem to confirm the first column. But these
#   are the *same people*, in windows that overlap with those in training.
# - **Unseen patients**: first look at the last value. It has learned nothing, and still does worse here: these forty
#   are a little harder to forecast. So we divide each column by its first row.

# %%
pd.DataFrame(
    {
        name: {
            part: rmse(forecast(x), y) / rmse(last_value(x), y)
            for part, (x, y, _) in parts.items()
        }
        for name, forecast in forecasters.items()
    }
).T.round(2)

# %% [markdown]
# Ridge regression keeps its share of the last value's error with people it has never seen. The networks do not, least
# of all the one that forecasts the level: it has learned the heart rates of eight people, and others differ.
#
# Forecasting the change mends most of that, since nobody's level enters any more. Is ridge regression really ahead of it on new
# patients? As always, the interval of the difference tells.

# %%
x, y, whose = parts["40 unseen patients"]
draws = {name: rmse_of_draws(forecast(x), y, whose) for name, forecast in forecasters.items()}
for name in ("last value", "stacked LSTM, level", "stacked LSTM, change"):
    low, high = np.percentile(draws[name] - draws["ridge regression"], (2.5, 97.5))
    verdict = "ridge is better" if low > 0 else "ridge is worse" if high < 0 else "not decided"
    print(f"{name:21} minus ridge regression: {low:+.2f} to {high:+.2f} beats/min: {verdict}")
print(f"parameters: LSTM {of_change.count_params():,}, ridge regression {ridge.coef_.size + 1}")

# %% [markdown]
# With eight patients to learn from, a network with thousands of parameters does no better than a weighted sum. We say
# so. (Try more: `range(8)` becomes `range(40)` in section 1. Chapter 05 has thousands of real ones.)
#
# For the LSTM, the step from the first column to the last is larger than its distance from ridge regression. **A wrong
# split can hide more than the choice between two good models brings.**
#
# The figure shows the unseen patient whose usual heart rate is furthest from those in training. Look at the dashed line.

# %%
values = max(test_patients, key=lambda values: abs(values[:, 0].mean() - mean[0]))
x_one, _, _ = windows_of([values], step=1)
hours = np.arange(WINDOW + AHEAD - 1, HOURS)
fig, ax = plots.figure(8.5, 3.4)
ax.plot(values[:, 0], color=plots.BLACK, linewidth=1, label="measured")
for name, (colour, style) in zip(
    ("stacked LSTM, change", "stacked LSTM, level"), plots.STYLES, strict=False
):
    ax.plot(
        hours,
        forecasters[name](x_one),
        color=colour,
        linestyle=style,
        linewidth=1.2,
        label=name,
    )
ax.set(xlabel="hour", ylabel="heart rate (beats/min)", xticks=range(0, 241, 24))
ax.set_ylim(top=values[:, 0].max() + 8)
ax.legend(frameon=False, fontsize=8, ncols=3)
ax.set_title(
    "A patient unlike those in training: the level forecast keeps missing", fontsize=10
)
show(
    fig,
    "Measured heart rate of one unseen patient over ten days and two forecasts made three hours before. The forecast of the "
    "change follows the measured line; that of the level lies on one side of it for long stretches.",
    source="simulator",
)

# %% [markdown]
# ## 10 Where it breaks
#
# **Longer than in training.** The counter was trained on 40 steps, with counts as they occur there. What if the nurse
# does not come?

# %% [markdown] tags=["instructor"]
# Ask what the network will say after 100 steps without a nurse: too few, too many, or "I don't know"? The third is
# not in its vocabulary. That is worth saying slowly.

# %%
quiet = alarm_log(1, steps=100, seed=5)[0]
quiet[..., 1] = 0  # nobody acknowledges
truth = quiet[0, :, 0].cumsum()
counted = count_alarms(counters["LSTM"], quiet)[0, :, 0]
for t in (19, 39, 59, 79, 99):
    print(f"after {t + 1:3} steps: {truth[t]:3.0f} alarms, the network says {counted[t]:5.1f}")
print(
    f"largest count in training: {y_alarm.max():.0f}; 99 of 100 were at most {np.percentile(y_alarm, 99):.0f}"
)

# %% [markdown]
# It is about right where it had plenty of examples. Beyond, it stops counting, without any sign of doubt. A network
# does not know the limits of what it has learned; whoever uses it must.
#
# **Patients are not windows.** Everything that is fitted (weights, means for scaling, the choice of a model) must come
# from patients that are not in the test. And the interval is drawn by patient, too: the windows of one patient rise and
# fall together, so that 40 patients are 40 pieces of evidence, and not 1,440.
#
# ## Quiz

# %% tags=["quiz"]
quiz("03")

# %% tags=["answers"]
quiz("03", "???????")

# %% tags=["progress"]
progress()

# %% [markdown]
# ## What to remember
#
# - A recurrent cell reads step by step and carries a state; the **same weights** at every step.
# - Back through time the gradient is a **product of factors**; below 1 it vanishes.
# - LSTM: $c_t = f_t c_{t-1} + i_t g_t$. The **forget gate** says how much is kept; its half-life is what you look at
#   first.
# - As Keras starts it, an LSTM's gradient vanishes, too. With the gate **open** it does not; a bias can open it.
# - Gates learn *when*: on a task that needs forgetting, f falls at the resets.
# - The order of the gates and the form of the cell differ between libraries (i, f, g, o; `reset_after`). Compare with
#   known numbers.
# - Test on **unseen patients**, beside the last value and a linear model. Training windows flatter.
#
# Next: 04 · [MedMNIST classification](04_medmnist_classification.ipynb), or [05 · EHR
# prediction](05_ehr_prediction.ipynb).
#
# ## References
#
# - Hochreiter S, Schmidhuber J. Long short-term memory. *Neural Computation* 9, 1735 (1997).
#   <https://doi.org/10.1162/neco.1997.9.8.1735>
# - Gers FA, Schmidhuber J, Cummins F. Learning to forget: continual prediction with LSTM. *Neural Computation* 12, 2451
#   (2000): the forget gate. <https://doi.org/10.1162/089976600300015015>
# - Bengio Y, Simard P, Frasconi P. Learning long-term dependencies with gradient descent is difficult. *IEEE
#   Transactions on Neural Networks* 5, 157 (1994). <https://doi.org/10.1109/72.279181>
# - Jozefowicz R, Zaremba W, Sutskever I. An empirical exploration of recurrent network architectures. *ICML* (2015):
#   the bias of 1. <https://proceedings.mlr.press/v37/jozefowicz15.html>
# - Cho K, et al. Learning phrase representations using RNN encoder-decoder. *EMNLP* (2014): the GRU.
#   <https://arxiv.org/abs/1406.1078>
# - Tallec C, Ollivier Y. Can recurrent neural networks warp time? *ICLR* (2018): biases from time scales.
#   <https://arxiv.org/abs/1804.11188>

# %% [raw] tags=["words"]
# - name: backpropagation through time
#   chinese: 随时间反向传播
#   means: Working out the gradient of a network that reads a sequence, from the last step back to the first, by
#     the chain rule.
# - name: cell state
#   chinese: 单元状态（也译“细胞状态”）
#   means: 'The long-lasting memory of an LSTM: a row of numbers of which, at each step, the forget gate keeps a
#     part and the input gate adds something new.'
# - name: forget gate
#   chinese: 遗忘门
#   means: 'The part of an LSTM that says, for each number in the cell state, which share of it is kept at this
#     step: between 0 (all is dropped) and 1 (all is kept).'
# - name: gate
#   chinese: 门（门控）
#   means: A number between 0 (shut) and 1 (open), worked out by the network itself, that something is multiplied
#     by to let more or less of it through.
#   also: [gates]
# - name: GRU
#   chinese: 门控循环单元
#   means: 'Gated recurrent unit: a smaller relative of the LSTM, with two gates and no separate cell state.'
#   also: [gated recurrent unit]
# - name: hidden state
#   chinese: 隐藏状态
#   means: The row of numbers that a recurrent cell hands on from one step to the next as its memory of what it
#     has read.
# - name: input gate
#   chinese: 输入门
#   means: 'The part of an LSTM that says, for each number in the cell state, which share of the new content is
#     let in at this step: between 0 and 1.'
# - name: linear regression
#   chinese: 线性回归
#   means: Predicting a number by a weighted sum of the inputs plus a bias, with the weights that make the mean
#     squared error smallest.
# - name: LSTM
#   chinese: 长短期记忆网络
#   means: 'Long short-term memory: a recurrent cell with a cell state and with gates that decide what is kept,
#     added and shown.'
#   also: [long short-term memory]
# - name: output gate
#   chinese: 输出门
#   means: 'The part of an LSTM that says, for each number in the cell state, how much of it is shown as hidden
#     state: between 0 and 1.'
# - name: recurrent cell
#   chinese: 循环单元
#   means: A part of a network that reads a sequence step by step, with the same weights each time, and carries
#     a memory along.
# - name: ridge regression
#   chinese: 岭回归
#   means: A linear regression that is held to small weights, so that it does not follow chance details of the training
#     data.
# - name: RMSE
#   chinese: 均方根误差
#   means: 'The square root of the mean of the squared errors: a typical size of the error, in the unit of what
#     is forecast.'
# - name: simulator
#   chinese: 模拟器
#   means: A program that makes up patients by known rules, so that the truth behind their numbers is known.
#   also: [simulate, simulated]
# - name: spread
#   chinese: 离散程度（标准差）
#   means: How far numbers scatter around their mean; mostly the standard deviation (SD), the square root of the
#     mean squared distance from the mean.
#   also: [spreads, SD]
# - name: tensor
#   chinese: 张量
#   means: Numbers arranged in a row, a table, a stack of tables and so on; the form in which networks handle all
#     their numbers.
#   also: [tensors]
# - name: vanishing gradient
#   chinese: 梯度消失
#   means: A gradient that gets smaller and smaller on its way back through layers or time steps, so that what lies
#     far back can hardly be learned.
# - name: window
#   chinese: 时间窗
#   means: A piece of fixed length cut out of a longer sequence, such as 24 hours of a patient's measurements.
#   also: [windows]
