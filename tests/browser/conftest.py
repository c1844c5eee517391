"""A browser, and JupyterLab as `course lab` starts it, in a copy of the course that may be written to."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
TOKEN = "browser-test"


@pytest.fixture(scope="session")
def browser():
    """Debian's chromium, or the one that `playwright install chromium` has fetched."""
    from playwright.sync_api import sync_playwright

    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        if not found and not Path(playwright.chromium.executable_path).exists():
            pytest.fail("These tests need a browser: apt-get install chromium, or uv run playwright install chromium")
        yield playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb"]
        )


@pytest.fixture(scope="session")
def shots():
    """Where screenshots are kept: build/screenshots."""
    folder = ROOT / "build" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """The address of a JupyterLab, and the folder of its course."""
    folder = tmp_path_factory.mktemp("lab") / "course"
    for name in ("course_utils", "course_tools", "lessons", "notebooks", "pyproject.toml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        folder.mkdir(exist_ok=True)
        copy(ROOT / name, folder / name)
    env = os.environ | {"COURSE_PROGRESS_FILE": str(folder / "progress.json"), "PYTHONPATH": str(folder)}
    env["COURSE_SMALL"] = "1"  # the solutions are computed at full size elsewhere
    # All cells are drawn at once: otherwise those out of view cannot be found on the page.
    settings = folder.parent / "settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    (settings / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')
    env["JUPYTERLAB_SETTINGS_DIR"] = str(folder.parent / "settings")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder.parent / "lab.log"
    command = [sys.executable, "-m", "course_tools.cli", "lab", "--no-browser", f"--ServerApp.port={port}"]
    command += [f"--IdentityProvider.token={TOKEN}", "--allow-root", "--expose-app-in-browser"]
    with log.open("w") as output:
        server = subprocess.Popen(command, cwd=folder, env=env, stdout=output, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{address}/api/status?token={TOKEN}", timeout=5).close()
                break
            except OSError:
                assert server.poll() is None, log.read_text()
                time.sleep(0.5)
        yield address, folder
    finally:
        # `course lab`, JupyterLab and the kernels, all of them.
        family = psutil.Process(server.pid).children(recursive=True)
        for process in (server, *family):
            process.kill()
        server.wait(20)


class Page:
    """A page that takes notes: errors in its console, and requests to anywhere outside this computer."""

    def __init__(self, page):
        self.page, self.errors, self.outside = page, [], []
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self.look)

    def look(self, request):
        if not re.match(r"(https?|wss?)://127\.0\.0\.1[:/]|data:|blob:|file:", request.url):
            self.outside.append(request.url)

    def assert_clean(self):
        assert self.errors == []
        assert self.outside == []


@pytest.fixture
def new_page(browser):
    pages = []

    def make(**options):
        pages.append(browser.new_page(**{"viewport": {"width": 1150, "height": 1000}, **options}))
        return Page(pages[-1])

    yield make
    for page in pages:
        page.close()
