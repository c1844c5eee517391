"""The small network that chapter 00 trains before anything is explained. Later chapters build theirs in their cells."""


def build_cnn(input_shape, n_outputs, filters=(16, 32, 64)):
    """A small convolutional network that ends in logits.

    Each stage is a 3x3 convolution, batch normalisation, ReLU and 2x2 max pooling; then comes global average pooling,
    dropout and one Dense layer.

    Parameters
    ----------
    input_shape : tuple of int
        (H, W, C) of the images, whose values are 0 to 255.
    n_outputs : int
        Logits: 1 for a binary task, else the number of classes or findings.
    filters : sequence of int
        Filters of each stage.

    Returns
    -------
    keras.Model
        (N, H, W, C) numbers from 0 to 255 -> (N, n_outputs) float32 logits. Not compiled.
    """
    from keras import Sequential, layers

    # Keras' default batch-norm momentum, .99, needs many hundreds of steps to settle; small data gives fewer.
    stages = [
        layer
        for f in filters
        for layer in (
            layers.Conv2D(f, 3, padding="same", use_bias=False),
            layers.BatchNormalization(momentum=0.9),
            layers.ReLU(),
            layers.MaxPooling2D(2),
        )
    ]
    return Sequential(
        [
            layers.Input(input_shape),
            layers.Rescaling(1 / 127.5, offset=-1.0),  # 0..255 -> -1..1
            *stages,
            layers.GlobalAveragePooling2D(),
            layers.Dropout(0.2),
            layers.Dense(n_outputs, dtype="float32"),
        ]
    )
