"""`python app.py`: one sentence when it cannot start, and nothing lost when it stops."""

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa

from app.server import launcher
from tests.kit.servers import free_port
from tests.kit.settings import KEYS

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60


def free_ports():
    return {"PORT": str(free_port()), "LOCAL_GATEWAY_PORT": str(free_port())}


class Product:
    """`python app.py` in a folder of its own."""

    def __init__(self, folder, **env):
        self.folder = folder
        self.port = env.get("PORT") or free_port()
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self.env = {
            **kept,
            "DATA_DIR": str(folder),
            "PORT": str(self.port),
            **env,
        }
        self.process = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "app.py"],
            cwd=ROOT,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.banner = ""
        silent = threading.Timer(PATIENCE, self.kill)
        silent.start()
        for line in self.process.stdout:
            self.banner += line
            if "Ctrl-C" in line:
                silent.cancel()
                return self
        raise AssertionError(f"It did not start: {self.banner}")

    def refused(self):
        """Start it, expecting a refusal; returns the sentence."""
        done = subprocess.run(
            [sys.executable, "app.py"],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert done.returncode == 2, done.stderr
        assert done.stdout == ""
        (sentence,) = done.stderr.splitlines()
        return sentence

    def stop(self, how=signal.SIGTERM, *, group=False):
        (os.killpg if group else os.kill)(self.process.pid, how)
        return self.process.wait(PATIENCE)

    def kill(self):
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        if self.process:
            self.process.stdout.close()

    def others_alive(self):
        """Processes of its session: nothing may be left."""
        listed = subprocess.run(
            ["ps", "-o", "pid=,args=", "-s", str(self.process.pid)], capture_output=True, text=True
        )
        return listed.stdout.strip()


@pytest.fixture
def product_of(tmp_path):
    made = []

    def make(**env):
        made.append(Product(tmp_path, **env))
        return made[-1]

    yield make
    for product in made:
        product.kill()


@pytest.fixture
def refusal(tmp_path, capfd):
    """Start it inside this process, expecting a refusal; returns the sentence."""

    def start(**env):
        assert launcher.main({"DATA_DIR": str(tmp_path), **free_ports(), **env}) == 2
        told = capfd.readouterr()
        assert told.out == ""
        (sentence,) = told.err.splitlines()
        return sentence

    return start


def test_a_refusal_is_an_exit_status_and_a_sentence(product_of):
    assert product_of(PORT="http").refused() == "PORT is 'http'; it must be a whole number."


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        ({"PORT": "http"}, "PORT is 'http'; it must be a whole number."),
        ({"PORT": "0"}, "PORT is 0; a port is a number from 1 to 65535."),
        ({"DEMO": "yes"}, "DEMO is 'yes'; it must be 0 or 1."),
        (
            {"DATABASE_URL": "mysql://x"},
            "DATABASE_URL starts with 'mysql'; it must be sqlite:///… or postgresql://….",
        ),
        (
            {"REDIS_URL": "localhost"},
            "REDIS_URL must start with redis://, rediss:// or unix://.",
        ),
        ({"DATABASE_URL": "postgresql://u@h:abc/db"}, "DATABASE_URL is no address of a database;"),
        (
            {"REDIS_URL": "redis://localhost:abc/0"},
            "REDIS_URL has a port that is no number; write redis://host:6379/0.",
        ),
        ({"REDIS_URL": "redis://127.0.0.1:1/0"}, "The Redis of REDIS_URL does not answer: "),
        ({"PUBLIC_URL": "garbage"}, "PUBLIC_URL is 'garbage'; it must be an address such as"),
        ({"PUBLIC_URL": "ftp://office"}, "PUBLIC_URL is 'ftp://office'; it must be"),
        ({"PUBLIC_URL": "https://office:abc"}, "PUBLIC_URL is 'https://office:abc'; it must be"),
        ({"PUBLIC_URL": "https://"}, "PUBLIC_URL is 'https://'; it must be"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is too short; use at least 32 characters."),
        ({"CITY_TIMEZONE": "Mars"}, "CITY_TIMEZONE 'Mars' is not a known time zone."),
        ({"HOST": "203.0.113.7"}, "Cannot listen on 203.0.113.7:"),
        ({"DB_POOL_SIZE": "-1", "DATABASE_URL": "postgresql:///x"}, "SECRET_KEY is not set."),
    ],
)
def test_a_bad_value_is_told_in_one_sentence(refusal, env, sentence):
    assert refusal(**env).startswith(sentence)


def test_a_folder_that_cannot_be_written(refusal, tmp_path):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")

    sentence = refusal(DATA_DIR=str(in_the_way / "var"))

    assert sentence == f"DATA_DIR {in_the_way}/var cannot be written: Not a directory."


def test_a_port_in_use(refusal):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        sentence = refusal(PORT=str(port))

    assert sentence == (
        f"Cannot listen on 127.0.0.1:{port}: Address already in use. "
        "Set HOST and PORT to a free address."
    )


def test_a_database_that_does_not_answer(product_of):
    url = f"postgresql://nobody@127.0.0.1:{free_port()}/none"

    sentence = product_of(DATABASE_URL=url, **KEYS).refused()

    assert sentence.startswith("The database does not answer: connection failed")


@pytest.mark.parametrize("demo", ["0", "1"])
def test_a_file_that_is_no_database(refusal, tmp_path, demo):
    (tmp_path / "notes.txt").write_text("Milk, bread and a hundred other things. " * 100)

    sentence = refusal(DATABASE_URL=f"sqlite:///{tmp_path}/notes.txt", DEMO=demo)

    assert sentence == "The database cannot be used: file is not a database"


def test_first_start_second_process_and_second_start(product_of, tmp_path):
    product = product_of().start()
    password = re.search(r"admin / (\S+)", product.banner)[1]
    kept = tmp_path / "admin-password"

    assert requests.get(f"{product.url}/healthz", timeout=5).json() == {"status": "ok"}
    assert requests.get(f"{product.url}/readyz", timeout=5).json()["database"] == "ok"
    assert kept.read_text().strip() == password
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    other = Product(tmp_path)
    assert other.refused().startswith(f"Another process is already serving from {tmp_path}.")
    assert product.stop() == 0
    assert product.others_alive() == ""

    again = product_of()
    begun = time.monotonic()
    again.start()
    assert requests.get(f"{again.url}/healthz", timeout=5).ok
    seconds = time.monotonic() - begun
    assert password not in again.banner
    assert again.stop(signal.SIGINT, group=True) == 0  # as Ctrl-C in a terminal
    assert again.others_alive() == ""
    assert seconds < 20  # 5 on a quiet machine, which the benchmark proves


def test_a_request_that_is_being_sent_when_it_stops_is_answered(product_of):
    product = product_of().start()
    with socket.create_connection(("127.0.0.1", product.port)) as client:
        client.sendall(
            b"POST /login/ HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\nuser"
        )
        time.sleep(0.5)
        os.killpg(product.process.pid, signal.SIGINT)
        time.sleep(0.5)
        client.sendall(b"name=x")
        answer = client.recv(100)

    assert answer.startswith(b"HTTP/1.1 4")
    assert product.process.wait(PATIENCE) == 0


@pytest.mark.backends("sqlite")
def test_a_newer_schema_is_refused(installed_url, refusal):
    engine = sa.create_engine(installed_url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    sentence = refusal(DATABASE_URL=installed_url)

    assert sentence.startswith("The database has schema 9999, which this version")


@pytest.mark.backends("sqlite")
def test_the_citys_zone_is_fixed(installed_url, refusal):
    sentence = refusal(DATABASE_URL=installed_url, CITY_TIMEZONE="Asia/Urumqi")

    assert sentence.startswith("This company was set up for Asia/Shanghai;")
