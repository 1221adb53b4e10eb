"""The Prometheus and the Alertmanager of `make up MONITORING=1`, by deploy/monitoring, and the ports of all metrics."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from development.environment import LOOPBACK, ROOT, DevelopmentSettings, replica_ports
from development.up.supervisor import Command

NAME: Final = "prometheus"
ALERTMANAGER: Final = "alertmanager"
#: Its program, as its makers and as Debian name it.
ALERTMANAGER_PROGRAMS: Final = (ALERTMANAGER, "prometheus-alertmanager")
CONFIGURATION: Final = ROOT / "deploy" / "monitoring"
#: Someone who tries alerts looks at this morning; the state directory should not grow for ever.
RETENTION: Final = "2d"
#: They say nothing of use to a developer at their default level.
LOG_LEVEL: Final = "warn"
HOW_TO_INSTALL: Final = (
    "Prometheus is not installed, so nothing asks for the metrics (Debian: apt-get install --no-install-recommends "
    "prometheus). Everything else runs."
)
#: The job of a process in deploy/monitoring, by its module.
JOBS: Final[Mapping[str, str]] = {
    "tracking_service": "tracking",
    "attendance_service": "attendance",
    "gateway.presence_socket": "presence-socket",
}
GATEWAY_JOB: Final = "gateway"


class Monitoring:
    """What is different with MONITORING=1; without it, nothing is."""

    def __init__(self, settings: DevelopmentSettings) -> None:
        """Nothing is written yet."""
        self._settings = settings
        self._directory = settings.state_directory / NAME
        self._first_ports = {
            "tracking": settings.tracking_metrics_port,
            "attendance": settings.attendance_metrics_port,
            "presence-socket": settings.socket_metrics_port,
        }

    @property
    def alertmanager_url(self) -> str:
        """Where Alertmanager answers."""
        return f"http://{LOOPBACK}:{self._settings.alertmanager_port}"

    @property
    def url(self) -> str:
        """Where Prometheus answers."""
        return f"http://{LOOPBACK}:{self._settings.prometheus_port}"

    def process_environment(self, module: str, number: int) -> dict[str, str]:
        """Return the settings of a replica; the first has the number 1."""
        if not self._settings.monitoring:
            # One that is meant for a process of another kind would be taken by all of ours.
            return {"METRICS_PORT": ""}
        port = self._ports(JOBS[module])[number - 1]
        return {"METRICS_HOST": LOOPBACK, "METRICS_PORT": str(port)}

    def gateway_environment(self) -> dict[str, str]:
        """Return the settings of the gateway."""
        if not self._settings.monitoring:
            return {}
        port = str(self._settings.gateway_metrics_port)
        return {"GATEWAY_METRICS_LISTEN_ADDRESS": LOOPBACK, "GATEWAY_METRICS_PORT": port}

    def command(self) -> Command | None:
        """Write what Prometheus reads, and return how to start it; None where it is not installed."""
        program = shutil.which(NAME)
        if program is None:
            return None
        configuration = self._write()
        arguments = (
            program,
            f"--config.file={configuration}",
            f"--storage.tsdb.path={self._directory / 'data'}",
            f"--storage.tsdb.retention.time={RETENTION}",
            f"--web.listen-address={LOOPBACK}:{self._settings.prometheus_port}",
            f"--log.level={LOG_LEVEL}",
        )
        # Started again if it ends: who watches must not stop what is watched.
        return Command(name=NAME, arguments=arguments, replica_of=NAME)

    def alertmanager_command(self) -> Command | None:
        """Return how to start Alertmanager; None where it or Prometheus, which it needs, is not installed."""
        program = _alertmanager()
        if program is None or shutil.which(NAME) is None:
            return None
        arguments = (
            program,
            f"--config.file={CONFIGURATION / 'alertmanager.yml'}",
            f"--storage.path={self._settings.state_directory / ALERTMANAGER}",
            f"--web.listen-address={LOOPBACK}:{self._settings.alertmanager_port}",
            # It is alone.
            "--cluster.listen-address=",
            f"--log.level={LOG_LEVEL}",
        )
        return Command(name=ALERTMANAGER, arguments=arguments, replica_of=ALERTMANAGER)

    def _write(self) -> Path:
        """Write the product's configuration, with this machine's processes as targets."""
        targets = self._directory / "targets"
        shutil.rmtree(targets, ignore_errors=True)
        targets.mkdir(parents=True)
        for job in self._first_ports:
            _write_targets(targets / f"{job}.yml", self._ports(job))
        _write_targets(targets / f"{GATEWAY_JOB}.yml", (self._settings.gateway_metrics_port,))
        # Otherwise an empty list: Prometheus would warn of a file that is missing.
        _write_targets(targets / "alertmanager.yml", (self._settings.alertmanager_port,) if _alertmanager() else ())
        shutil.copytree(CONFIGURATION / "rules", self._directory / "rules", dirs_exist_ok=True)
        return Path(shutil.copy(CONFIGURATION / "prometheus.yml", self._directory))

    def _ports(self, job: str) -> tuple[int, ...]:
        return replica_ports(self._first_ports[job], self._settings.replicas)


def ports_by_variable(settings: DevelopmentSettings) -> dict[str, tuple[int, ...]]:
    """Return the ports that monitoring needs by the variable that sets the first of them; none without it."""
    if not settings.monitoring:
        return {}
    return {
        "TRACKING_METRICS_PORT": replica_ports(settings.tracking_metrics_port, settings.replicas),
        "ATTENDANCE_METRICS_PORT": replica_ports(settings.attendance_metrics_port, settings.replicas),
        "SOCKET_METRICS_PORT": replica_ports(settings.socket_metrics_port, settings.replicas),
        "GATEWAY_METRICS_PORT": (settings.gateway_metrics_port,),
        "PROMETHEUS_PORT": (settings.prometheus_port,),
        "ALERTMANAGER_PORT": (settings.alertmanager_port,),
    }


def _alertmanager() -> str | None:
    return next(filter(None, map(shutil.which, ALERTMANAGER_PROGRAMS)), None)


def _write_targets(file: Path, ports: tuple[int, ...]) -> None:
    # JSON is YAML.
    file.write_text(json.dumps([{"targets": [f"{LOOPBACK}:{port}"]} for port in ports]))
