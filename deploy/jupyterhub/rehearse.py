"""A rehearsal before the class comes: simulated learners log in and run a chapter, all at the same time.

    .venv/bin/python deploy/jupyterhub/rehearse.py --learners 12 --chapter 01

Run it on the hub's own machine, as root, for the memory too. It uses the seats learner01, learner02, ... with one
password, so do it before the learners choose theirs, and remove the passwords afterwards (README.md says how).
"""

import argparse
import json
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import psutil
import requests
import websocket

PATIENCE = 1800  # seconds until a learner is given up


class Learner(requests.Session):
    """One simulated browser at one seat."""

    def __init__(self, hub, name, password):
        super().__init__()
        self.hub, self.name, self.home = hub.rstrip("/"), name, f"{hub.rstrip('/')}/user/{name}"
        self.password = password

    def xsrf(self, path):
        """The token against forged requests that belongs to a part of the hub: its cookie's value."""
        fitting = [cookie for cookie in self.cookies if cookie.name == "_xsrf" and path.startswith(cookie.path)]
        return max(fitting, key=lambda cookie: len(cookie.path)).value

    def log_in(self):
        """Log in as a browser does, which also starts the server; wait until that answers."""
        self.get(f"{self.hub}/hub/login", timeout=120).raise_for_status()
        form = {"username": self.name, "password": self.password, "_xsrf": self.xsrf("/hub/")}
        answer = self.post(f"{self.hub}/hub/login", data=form, timeout=120)
        if answer.status_code != 200 or "/hub/login" in answer.url:
            raise RuntimeError(f"login refused ({answer.status_code}); has {self.name} another password already?")
        until = time.monotonic() + PATIENCE
        while True:
            # A page, not the interface for programs: on the way to it the server sends us to the hub for its cookie.
            answer = self.get(f"{self.home}/lab", timeout=120)
            if answer.ok and answer.url.startswith(self.home):
                return
            if time.monotonic() > until:
                raise RuntimeError(f"no server: {answer.status_code} at {answer.url}")
            time.sleep(0.5)

    def run(self, path, on_cell):
        """Open a notebook and run its cells in a kernel; `on_cell` is called with each one's source."""
        self.get(f"{self.home}/lab/tree/{path}", timeout=120).raise_for_status()
        answer = self.get(f"{self.home}/api/contents/{path}", timeout=120)
        answer.raise_for_status()
        cells = answer.json()["content"]["cells"]
        head = {"X-XSRFToken": self.xsrf(f"/user/{self.name}/")}
        wanted = {"path": path, "name": "", "type": "notebook", "kernel": {"name": "python3"}}
        answer = self.post(f"{self.home}/api/sessions", json=wanted, headers=head, timeout=300)
        answer.raise_for_status()
        kernel = answer.json()["kernel"]["id"]
        address = f"{self.home}/api/kernels/{kernel}/channels?_xsrf={head['X-XSRFToken']}"
        cookies = requests.cookies.get_cookie_header(self.cookies, requests.Request("GET", address).prepare())
        channel = websocket.create_connection(
            address.replace("http", "ws", 1), cookie=cookies, timeout=PATIENCE, origin=self.hub
        )
        try:
            for cell in cells:
                if cell["cell_type"] == "code":
                    execute(channel, cell["source"])
                    on_cell(cell["source"])
        finally:
            channel.close()
            self.delete(f"{self.home}/api/kernels/{kernel}", headers=head, timeout=120)


def execute(channel, source):
    """Run one cell over the kernel's websocket; raises RuntimeError with what the cell raised."""
    request, session = uuid.uuid4().hex, uuid.uuid4().hex
    header = {"msg_id": request, "msg_type": "execute_request", "session": session, "username": "", "version": "5.3"}
    content = {"code": source, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
    channel.send(json.dumps(message))
    while True:
        reply = channel.recv()
        if not isinstance(reply, str):
            continue  # a widget's data
        reply = json.loads(reply)
        if reply["parent_header"].get("msg_id") != request:
            continue
        if reply["msg_type"] == "error":
            raise RuntimeError(f"{reply['content']['ename']}: {reply['content']['evalue']}")
        if reply["msg_type"] == "status" and reply["content"]["execution_state"] == "idle":
            return


def attend(learner, chapter, start):
    """One learner's session: a dict of seconds since the start, and the failure or None."""
    times = {"learner": learner.name, "failed": None}
    start.wait()
    began = time.monotonic()

    def note(what):
        times.setdefault(what, time.monotonic() - began)

    def on_cell(source):
        note("first_cell")
        if "setup()" in source:
            note("tensorflow")

    try:
        learner.log_in()
        note("server")
        folder = learner.get(f"{learner.home}/api/contents/notebooks", timeout=120).json()["content"]
        paths = [file["path"] for file in folder if file["name"].startswith(chapter) and file["type"] == "notebook"]
        if not paths:
            raise RuntimeError(f"there is no chapter {chapter}")
        learner.run(paths[0], on_cell)
        note("finished")
    except (RuntimeError, requests.RequestException, websocket.WebSocketException, OSError, KeyError) as error:
        times["failed"] = f"{type(error).__name__}: {error}"
    return times


def watch(names, peaks, stop):
    """Note each learner's largest memory (all processes of that system user), and the machine's, in MB.

    It is the proportional set size: pages that several processes share, as TensorFlow's code, are divided among them.
    """
    base = psutil.virtual_memory().used
    while not stop.wait(2):
        now = dict.fromkeys(names, 0.0)
        for process in psutil.process_iter(["username"]):
            name = process.info["username"]
            if name in now:
                try:
                    now[name] += process.memory_full_info().pss / 1e6
                except (psutil.Error, OSError):
                    continue
        for name, value in now.items():
            peaks[name] = max(peaks.get(name, 0.0), value)
        peaks["all learners"] = max(peaks.get("all learners", 0.0), sum(now.values()))
        used = (psutil.virtual_memory().used - base) / 1e6
        peaks["machine"] = max(peaks.get("machine", 0.0), used)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--hub", default="http://127.0.0.1:8000", help="the hub's address; otherwise %(default)s")
    parser.add_argument("--learners", type=int, default=12)
    parser.add_argument("--chapter", default="01")
    parser.add_argument("--password", default="rehearsal")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    arguments = parser.parse_args()
    names = [f"learner{seat:02}" for seat in range(1, arguments.learners + 1)]
    learners = [Learner(arguments.hub, name, arguments.password) for name in names]
    start, stop, peaks = threading.Barrier(len(names)), threading.Event(), {}
    watcher = threading.Thread(target=watch, args=(names, peaks, stop), daemon=True)
    local = urlsplit(arguments.hub).hostname in ("127.0.0.1", "localhost", "::1")
    cpu, began = psutil.cpu_times(), time.monotonic()
    if local:
        watcher.start()
    try:
        with ThreadPoolExecutor(len(names)) as pool:
            results = list(pool.map(lambda learner: attend(learner, arguments.chapter, start), learners))
    finally:
        stop.set()
    seconds, after = time.monotonic() - began, psutil.cpu_times()
    busy = (after.user - cpu.user) + (after.system - cpu.system)
    for result in results:
        result["peak_mb"] = peaks.get(result["learner"]) or None
    summary = {
        "learners": results,
        "seconds": seconds,
        "cores": psutil.cpu_count(),
        "core_seconds": busy if local else None,
        "all_learners_mb": peaks.get("all learners"),
        "machine_mb": peaks.get("machine"),
        "failures": sum(result["failed"] is not None for result in results),
    }
    if arguments.json:
        print(json.dumps(summary))
    else:
        print("seconds from the login click:")
        print(f"{'':12}{'server':>8}{'first cell':>12}{'TensorFlow':>12}{'finished':>10}{'peak MB':>9}")
        for result in results:
            cells = [result.get(what) for what in ("server", "first_cell", "tensorflow", "finished", "peak_mb")]
            texts = ["–" if value is None else f"{value:.0f}" for value in cells]
            print("{:12}{:>8}{:>12}{:>12}{:>10}{:>9}".format(result["learner"], *texts), result["failed"] or "")
        if local:
            print(f"{busy:.0f} core-seconds in {seconds:.0f} s on {summary['cores']} cores; ", end="")
            print(f"all learners together {peaks.get('all learners', 0):.0f} MB at most. ", end="")
        print(f"Failures: {summary['failures']}.")
    sys.exit(summary["failures"] > 0)


if __name__ == "__main__":
    main()
