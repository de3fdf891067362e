"""Many clients at once, each a process with a connection of its own.

Run as a program (SCENE NETLOC, the clients as JSON on its input) it forks one child a client. It
imports next to nothing, so that all of them together weigh less than one that knows the product.
A scene is a function `module:name` of a Client; what it returns becomes JSON.
"""

import http.client
import importlib
import json
import os
import random
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0  # seconds in which nobody listens, or all is busy
LOST = 0  # the status of an answer that never came

Scene = Callable[["Client"], Any]


@dataclass(frozen=True)
class Answer:
    """`body` is {} when there is none."""

    status: int
    body: dict[str, Any]

    @property
    def error(self) -> dict[str, Any]:
        found: dict[str, Any] = self.body.get("error", {})
        return found


class Client:
    """One of the crowd: `given` is its own JSON; `seed` in it makes its chance."""

    def __init__(self, netloc: str, given: dict[str, Any]) -> None:
        self.given = given
        self.chance = random.Random(given["seed"])
        self.codes: Counter[str] = Counter()
        self.took: list[float] = []
        self._to = http.client.HTTPConnection(netloc, timeout=PATIENCE)

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """Ask until there is an answer other than "busy"; LOST when the connection broke.

        Whether the server did what it was asked for is unknown then.
        """
        deadline = time.monotonic() + PATIENCE
        while True:
            begun = time.perf_counter()
            answer = self._asked(method, path, body, deadline)
            code = answer.error.get("code") or str(answer.status)
            self.codes[code] += 1
            if answer.status != 503 or time.monotonic() > deadline:
                self.took.append((time.perf_counter() - begun) * 1000)
                return answer
            time.sleep(self.chance.uniform(0.02, 0.2))

    def leave(self) -> None:
        """Close the connection, as who looks away for a while; the next question opens another."""
        self._to.close()

    def _asked(self, method: str, path: str, body: Any, deadline: float) -> Answer:
        self._connect(deadline)
        headers = {
            "Authorization": f"Bearer {self.given['token']}",
            "Content-Type": "application/json",
        }
        text = None if body is None else json.dumps(body)
        try:
            self._to.request(method, path, text, headers)
            answer = self._to.getresponse()
            told = answer.read()
        except (OSError, http.client.HTTPException):
            self._to.close()
            return Answer(LOST, {})
        return Answer(answer.status, json.loads(told) if told else {})

    def _connect(self, deadline: float) -> None:
        """Wait while nobody listens."""
        while self._to.sock is None:
            try:
                self._to.connect()
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)


class Crowd:
    """Clients that are running; `results()` waits for their ends."""

    def __init__(self, scene: str, netloc: str, clients: Sequence[dict[str, Any]]) -> None:
        command = [sys.executable, "-m", "tests.kit.crowd", scene, netloc]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._clients = json.dumps(clients)

    def results(self) -> list[dict[str, Any]]:
        """For each client: `result`, `codes` (answers by status or error code), `took` (ms)."""
        told, _ = self._process.communicate(self._clients)
        if self._process.returncode:
            raise RuntimeError("A client failed")
        found: list[dict[str, Any]] = json.loads(told)
        return found


def play(scene: str, netloc: str, clients: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return Crowd(scene, netloc, clients).results()


def codes_of(results: Sequence[dict[str, Any]]) -> Counter[str]:
    """All answers of all clients, by status or error code."""
    return sum((Counter(one["codes"]) for one in results), Counter())


def main(scene: str, netloc: str) -> int:
    module, name = scene.split(":")
    act: Scene = getattr(importlib.import_module(module), name)
    clients = json.load(sys.stdin)
    begin, gate = os.pipe()
    children = [_forked(act, netloc, given, begin, gate) for given in clients]
    os.close(gate)  # all may begin
    told = [_read(reading) for _pid, reading in children]
    ended = [os.waitpid(pid, 0)[1] for pid, _reading in children]
    print(f"[{','.join(told)}]")
    return max(map(os.waitstatus_to_exitcode, ended), default=0)


def _read(pipe: int) -> str:
    with os.fdopen(pipe) as told:
        return told.read()


def _forked(
    act: Scene, netloc: str, given: dict[str, Any], begin: int, gate: int
) -> tuple[int, int]:
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    try:
        os.close(gate)
        os.read(begin, 1)  # until everybody is there
        client = Client(netloc, given)
        result = act(client)
        told = {"result": result, "codes": client.codes, "took": client.took}
        with os.fdopen(writing, "w") as pipe:
            pipe.write(json.dumps(told))
        os._exit(0)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(3)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
