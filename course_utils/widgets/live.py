"""A figure with controls, and the picture that stands in its place where no widgets run."""

import html

from course_utils.display import encode
from course_utils.exercises.panels import show_widget


def live(draw, controls, layout, alt, source):
    """Show the controls above the figure that `draw` makes, drawn anew whenever one of them changes.

    `layout` holds the controls as they are to be placed. Returns the function that draws anew.
    """
    from ipywidgets import HTML, VBox

    image = HTML()

    def redraw(change=None):
        fig = draw()
        picture = encode(fig, f"{alt} {fig.get_suptitle()}.", source)
        words = html.escape(picture["text/plain"], quote=True)
        image.value = f'<img alt="{words}" src="data:image/png;base64,{picture["image/png"]}">'
        return picture

    picture = redraw()
    for control in controls:
        control.observe(redraw, "value")
    show_widget(VBox([layout, image]), picture, metadata={"image/png": {"alt": picture["text/plain"]}})
    return redraw
