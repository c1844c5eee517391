"""Arrows point one way: nothing imports upward, no files import each other in a ring, imports in functions included."""

import ast
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter

import pytest

PACKAGES = ("course_utils", "course_tools")
REAL, GENERATED = {"medmnist", "physionet"}, {"phantoms", "icu_simulator"}


@pytest.fixture(scope="module")
def arrows(pytestconfig):
    """Module -> the modules of the course that it imports, wherever in it that stands."""
    root = pytestconfig.rootpath
    names = {}
    for file in (file for package in PACKAGES for file in (root / package).rglob("*.py")):
        parts = file.relative_to(root).with_suffix("").parts
        names[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    found = {}
    for module, file in names.items():
        found[module] = set()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                wanted = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{module}: an import that begins with a dot"
                # `from a import b` means the module a.b where there is one, and otherwise a.
                wanted = [
                    f"{node.module}.{alias.name}" if f"{node.module}.{alias.name}" in names else node.module
                    for alias in node.names
                ]
            else:
                continue
            found[module] |= {name for name in wanted if name in names} - {module}
    return found


def test_there_are_arrows(arrows):
    assert len(arrows) > 40
    assert "course_utils.data.store" in arrows["course_utils.data.catalogue"]


def test_no_ring(arrows):
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(reversed(error.args[1])))


def test_nothing_imports_upward(arrows):
    for module, wanted in arrows.items():
        for other in wanted:
            assert module.startswith("course_tools") or other.startswith("course_utils"), f"{module} → {other}"
            if other == "course_tools.cli":
                pytest.fail(f"{module} → {other}: the command stands above all")


def test_scratch_stands_on_numpy_alone(pytestconfig):
    allowed = {"numpy", *sys.stdlib_module_names}
    for file in (pytestconfig.rootpath / "course_utils" / "scratch").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert name.split(".")[0] in allowed or name.startswith("course_utils.scratch"), f"{file}: {name}"


def test_real_and_generated_data_stand_side_by_side(arrows):
    def reached(module):
        return {module}.union(*(reached(other) for other in arrows[module]))

    for here, there in ((REAL, GENERATED), (GENERATED, REAL)):
        for name in here:
            below = {module.rpartition(".")[2] for module in reached(f"course_utils.data.{name}")}
            assert not below & there, f"{name} reaches {below & there}"


def test_importing_the_package_is_quick_and_brings_no_tensorflow():
    code = (
        "import sys, time; start = time.process_time(); import course_utils; "
        "print(time.process_time() - start, sorted({'tensorflow', 'keras', 'numpy', 'pandas'} & set(sys.modules)))"
    )
    found = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout for _ in range(3)]
    assert min(float(line.split()[0]) for line in found) < 0.3
    assert all(line.endswith("[]\n") for line in found)
