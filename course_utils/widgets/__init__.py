"""Figures with controls, a file for each chapter that has one.

Each stands on a pure drawing function, arguments in and Figure out, which redraws in well under 100 ms. Where widgets
run (JupyterLab, Colab) the controls are alive; elsewhere (GitHub, a printed page) the same call leaves the figure as a
picture. Only what ipywidgets 7 has is used, since Google Colab is at 7.7.
"""

from course_utils.widgets.convolution import KERNELS, draw_convolution, explore_convolution
from course_utils.widgets.cross_entropy import draw_cross_entropy, explore_cross_entropy
from course_utils.widgets.lstm_cell import draw_lstm_cell, explore_lstm_cell

__all__ = [
    "KERNELS",
    "draw_convolution",
    "draw_cross_entropy",
    "draw_lstm_cell",
    "explore_convolution",
    "explore_cross_entropy",
    "explore_lstm_cell",
]
