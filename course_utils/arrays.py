"""Numbers out of whatever somebody gives: a list, a pandas column, a tensor, fractions."""

import reprlib
from decimal import Decimal
from numbers import Real

import numpy as np

OTHERS = {"U": "text", "S": "bytes", "c": "complex numbers", "M": "dates", "m": "times"}  # by NumPy's kind of dtype


def numbers(values):
    """Values as an array of floats, whatever holds them.

    Parameters
    ----------
    values : number, or anything that NumPy can make an array of real numbers or bools from

    Returns
    -------
    float64 array
        Of the same shape; shape () for a single number.

    Raises
    ------
    TypeError
        For anything else: text (even where it spells a number), complex numbers, dates, masked values, objects. NumPy
        would turn some of these into other numbers without a word. The message names what was found.
    """
    if np.ma.is_masked(values):
        raise TypeError("masked values")
    try:
        array = np.asarray(values)
        if array.dtype.kind in OTHERS:
            raise TypeError(f"{OTHERS[array.dtype.kind]}, such as {reprlib.repr(array.ravel()[:1].tolist())[1:-1]}")
        for value in array.ravel() if array.dtype.kind == "O" else ():
            if not isinstance(value, Real | Decimal):
                raise TypeError(reprlib.repr(value))
        return array.astype(float)
    except TypeError:
        raise
    except Exception as error:  # an object may raise whatever it likes when it is asked for its numbers
        raise TypeError(f"{type(values).__name__} ({error})") from error
