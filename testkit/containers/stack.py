"""The product in containers: docker compose with a project, an image and a port of its own."""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from servicekit.auth.issuer import issue_token
from servicekit.clock import SystemClock
from testkit.containers.base_images import base_images
from testkit.containers.engine import docker, require_engine
from testkit.ports import free_port
from testkit.source_tree import ROOT

SECRETS = ("POSTGRES_PASSWORD", "TRACKING_DATABASE_PASSWORD", "ATTENDANCE_DATABASE_PASSWORD", "JWT_HS256_SECRET")
_UPGRADE = re.compile(r"^### Upgrades$.*?^```bash$(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A project of docker compose."""

    settings: dict[str, str]

    @property
    def url(self) -> str:
        """Where the gateway answers."""
        return f"http://127.0.0.1:{self.settings['GATEWAY_PORT']}"

    def compose(self, *arguments: str) -> str:
        """Run a command of docker compose and return what it prints."""
        return self._run(["docker", "compose", *arguments])

    def up(self, **settings: str) -> None:
        """Start everything, with other settings than before, and wait until it is healthy."""
        self.settings.update(settings)
        self.compose("up", "--build", "--quiet-pull", "--detach", "--wait")

    def upgrade(self) -> str:
        """Run the commands that docs/operations.md gives and return what they print."""
        found = _UPGRADE.search((ROOT / "docs" / "operations.md").read_text())
        assert found is not None
        return self._run(["bash", "-euo", "pipefail", "-c", found[1]])

    def containers(self, service: str = "") -> list[str]:
        """Return the ids of the containers that run, of one service or of all."""
        return self.compose("ps", "--quiet", *([service] if service else [])).split()

    def state(self, container: str) -> dict[str, Any]:
        """Return what the engine says about a container."""
        (found,) = json.loads(docker("inspect", container))
        return dict(found)

    def sql(self, statement: str) -> str:
        """Run a statement as the platform, whose tables are in the database."""
        arguments = ("psql", "--username=astegni_user", "--dbname=astegni_user_db", "--quiet", "--tuples-only")
        return self.compose("exec", "-T", "postgres", *arguments, "--no-align", f"--command={statement}")

    def token(self, user: int, role: str) -> str:
        """Return a token as the platform gives it."""
        return issue_token(
            self.settings["JWT_HS256_SECRET"],
            subject=str(user),
            role=role,
            clock=SystemClock(),
            lifetime=timedelta(hours=1),
        )

    def client(self, user: int, role: str) -> httpx.Client:
        """Return a client for calls as a user."""
        headers = {"authorization": f"Bearer {self.token(user, role)}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30.0)

    def _run(self, command: list[str]) -> str:
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, **self.settings}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command} failed: {done.stdout}{done.stderr}"
        return done.stdout.strip()


@contextmanager
def running_stack() -> Iterator[Stack]:
    """Build the image and start everything; remove it at the end of the block. Skips the test without an engine."""
    require_engine()
    name = f"astegni-test-{os.getpid()}"
    stack = Stack(
        settings={
            **base_images(),
            **{secret: secrets.token_hex(32) for secret in SECRETS},
            "COMPOSE_PROJECT_NAME": name,
            # Neither a `.env` nor an override of this checkout belongs to the test.
            "COMPOSE_FILE": "docker-compose.yml",
            "COMPOSE_DISABLE_ENV_FILE": "1",
            "SERVICES_IMAGE": name,
            "GATEWAY_PORT": str(free_port()),
        }
    )
    try:
        stack.up()
        yield stack
    finally:
        stack.compose("down", "--volumes", "--remove-orphans")
        docker("image", "rm", "--force", name)
