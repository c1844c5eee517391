"""What a stranger meets first: the README's claims, the links, the environment."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from course_tools import chapter
from course_tools.cli import app
from course_tools.lock import binder_requirements


@pytest.fixture
def readme(root):
    return (root / "README.md").read_text(encoding="utf-8")


def test_links_of_the_readme_lead_somewhere(root, readme):
    for target in re.findall(r"\]\(([^)#]+)\)", readme):
        if not target.startswith("http"):
            assert (root / target).exists(), target
    assert chapter.repository().removeprefix("https://github.com/") in readme
    for lesson in chapter.lessons().values():
        assert f"notebooks/{lesson.stem}.ipynb" in readme


def test_commands_of_the_readme_exist(readme):
    for command in set(re.findall(r"uv run course (\w+(?: fetch| list| verify)?)", readme)):
        assert CliRunner().invoke(app, [*command.split(), "--help"]).exit_code == 0, command


def test_the_readmes_published_figures_are_those_of_the_bench(readme):
    from course_tools.bench.images import PUBLISHED

    for model, (auc, acc) in PUBLISHED["breastmnist"].items():
        assert f"| {model}, published | {auc:.3f} | {acc:.3f} |" in readme


def test_no_torch_no_cuda_in_the_lock(root):
    with open(root / "uv.lock", "rb") as file:
        names = {package["name"] for package in tomllib.load(file)["package"]}
    assert not names & {"torch", "torchvision", "fire"}


def test_binder_installs_what_the_lock_says(root):
    assert (root / "binder" / "requirements.txt").read_text(encoding="utf-8") == binder_requirements()
    assert "tensorflow-cpu==" in binder_requirements()


def test_docstrings_examples():
    """The examples in docstrings do what they say."""
    import doctest

    from course_utils import bootstrap, data, measures
    from course_utils.data import icu_simulator, phantoms

    for module in (measures, bootstrap, data, phantoms, icu_simulator):
        result = doctest.testmod(module)
        assert result.attempted > 0
        assert result.failed == 0


def test_a_notebook_cell_that_writes_to_stderr_fails(tmp_path, root):
    """The hooks that see to it stand in conftest.py; nbval alone would let it pass."""
    import nbformat

    silent, python, c_code = "print(1)", "import sys; print(1, file=sys.stderr)", "import os, time; os.write(2, b'x')"
    cells = [nbformat.v4.new_code_cell(code) for code in (silent, python, f"{c_code}; time.sleep(1)")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, tmp_path / "x.ipynb")
    command = [*(sys.executable, "-m", "pytest", "-p", "conftest"), *("--rootdir", tmp_path), tmp_path / "x.ipynb"]
    done = subprocess.run(
        [*command, "--nbval-lax", "--nbval-current-env"], cwd=root, capture_output=True, text=True, timeout=120
    )
    assert "2 failed, 1 passed" in done.stdout
    assert done.stdout.count("writes to standard error") >= 2
    assert " s  x.ipynb" in done.stdout  # the time it took


def test_binder_starts_jupyterlab_with_the_courses_settings(root):
    """binder/start passes its command on, with the settings that `course lab` uses."""
    code = "import os; print(os.environ['JUPYTER_CONFIG_PATH'])"
    done = subprocess.run(
        [root / "binder" / "start", sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=60
    )
    first = done.stdout.split(os.pathsep)[0]
    assert (Path(first) / "labconfig" / "default_setting_overrides.json").is_file()
