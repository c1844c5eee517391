"""The website: built by `course site`, which puts the chapters, the glossary and the references beside these pages."""

import importlib.util
import os
import shutil
from pathlib import Path

project = "Deep Learning for Medical Diagnosis"
author = "The contributors"
copyright = "2026, the contributors. Text and figures CC BY 4.0, code MIT. For learning only, not for clinical use"
html_title = project
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_design"]

nb_execution_mode = "off"  # the notebooks have been run, and their outputs checked
nb_ipywidgets_js = {}
nb_code_prompt_show = "Show the solution"
nb_code_prompt_hide = "Hide the solution"
myst_enable_extensions = ["amsmath", "colon_fence", "dollarmath"]
myst_heading_anchors = 3
suppress_warnings = ["myst.header"]  # chapters begin with a title, and go on with second-level headings
autodoc_member_order = "bysource"
napoleon_google_docstring = False

html_theme = "sphinx_book_theme"
templates_path = [
    "_templates"
]  # the theme's header is empty here; its hidden menu button would take the real one's taps
html_static_path = ["_static"]
html_favicon = "_static/favicon.svg"
html_css_files = ["course.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_context = {"default_mode": "auto"}
mathjax_path = "mathjax/tex-svg.js"
html_theme_options = {
    "repository_url": os.environ["COURSE_REPOSITORY"],
    "repository_branch": "main",
    "path_to_docs": "notebooks",
    "use_repository_button": True,
    "use_download_button": False,
    "launch_buttons": {
        "binderhub_url": "https://mybinder.org",
        "colab_url": "https://colab.research.google.com",
        "notebook_interface": "jupyterlab",
    },
    "home_page_in_toc": True,
    "show_navbar_depth": 1,
}


def copy_mathjax(app, error):
    """One file of the package sphinx-mathjax-offline: formulas need no network and no fonts."""
    if error is None:
        package = Path(importlib.util.find_spec("sphinx-mathjax-offline").origin).parent
        target = Path(app.outdir) / "_static" / "mathjax"
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(package / "static" / "mathjax" / "tex-svg.js", target)


def setup(app):
    app.connect("build-finished", copy_mathjax)
