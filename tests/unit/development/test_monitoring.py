from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from development.environment import DevelopmentSettings
from development.up.monitoring import GATEWAY_JOB, JOBS, Monitoring
from development.up.stack import ports_by_variable


@pytest.fixture
def settings(tmp_path: Path) -> DevelopmentSettings:
    return DevelopmentSettings(state_directory=tmp_path, monitoring=True, replicas=2)


@pytest.fixture
def prometheus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Something that is found under the name of Prometheus."""
    program = tmp_path / "bin" / "prometheus"
    program.parent.mkdir()
    program.touch(mode=0o700)
    monkeypatch.setenv("PATH", str(program.parent))
    return program


@pytest.mark.usefixtures("prometheus")
def test_each_process_is_a_target_on_a_port_that_must_be_free(settings: DevelopmentSettings) -> None:
    monitoring = Monitoring(settings)
    assert monitoring.command() is not None
    shown = {
        job: [monitoring.process_environment(module, number)["METRICS_PORT"] for number in (1, 2)]
        for module, job in JOBS.items()
    }
    shown[GATEWAY_JOB] = [monitoring.gateway_environment()["GATEWAY_METRICS_PORT"]]
    assert shown == {job: _targets(settings, job) for job in shown}
    ports = {str(port) for ports in ports_by_variable(settings).values() for port in ports}
    assert {port for several in shown.values() for port in several} | {str(settings.prometheus_port)} <= ports


@pytest.mark.usefixtures("prometheus")
def test_everything_that_the_configuration_reads_is_written(settings: DevelopmentSettings) -> None:
    Monitoring(settings).command()
    directory = settings.state_directory / "prometheus"
    configuration = yaml.safe_load((directory / "prometheus.yml").read_text())
    jobs = [*configuration["scrape_configs"], *configuration["alerting"]["alertmanagers"]]
    files = [file for job in jobs for discovered in job["file_sd_configs"] for file in discovered["files"]]
    assert [file for file in files if not (directory / file).exists()] == []
    assert {job["job_name"] for job in configuration["scrape_configs"]} == {*JOBS.values(), GATEWAY_JOB}


@pytest.mark.usefixtures("prometheus")
def test_a_target_of_the_last_start_is_none_of_this_one(settings: DevelopmentSettings) -> None:
    Monitoring(settings).command()
    Monitoring(settings.model_copy(update={"replicas": 1})).command()
    assert _targets(settings, "tracking") == [str(settings.tracking_metrics_port)]


def test_prometheus_tells_alertmanager_where_that_is_installed(settings: DevelopmentSettings, prometheus: Path) -> None:
    Monitoring(settings).command()
    assert (Monitoring(settings).alertmanager_command(), _targets(settings, "alertmanager")) == (None, [])
    prometheus.with_name("prometheus-alertmanager").touch(mode=0o700)
    Monitoring(settings).command()
    assert Monitoring(settings).alertmanager_command() is not None
    assert _targets(settings, "alertmanager") == [str(settings.alertmanager_port)]


def test_where_prometheus_is_not_installed_there_is_nothing_to_start(
    settings: DevelopmentSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert Monitoring(settings).command() is None


def test_without_it_no_process_shows_metrics_and_no_port_is_needed(settings: DevelopmentSettings) -> None:
    without = settings.model_copy(update={"monitoring": False})
    monitoring = Monitoring(without)
    assert monitoring.process_environment("tracking_service", 1) == {"METRICS_PORT": ""}
    assert monitoring.gateway_environment() == {}
    assert [variable for variable in ports_by_variable(without) if "METRICS" in variable] == []


def _targets(settings: DevelopmentSettings, job: str) -> list[str]:
    groups = yaml.safe_load((settings.state_directory / "prometheus" / "targets" / f"{job}.yml").read_text())
    return [target.rpartition(":")[2] for group in groups for target in group["targets"]]
