"""Compile the protos: Python code under `astegni/`, and a descriptor set for Envoy and buf."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import google.rpc.error_details_pb2
import grpc_tools
from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent
PROTOS = ROOT / "protos"
DESCRIPTOR_SET = ROOT / "gateway" / "astegni.binpb"
#: Envoy renders error details as JSON only if their types are in the descriptor set.
ERROR_DETAILS = "google/rpc/error_details.proto"
#: Plugins that are programs; they are beside the Python interpreter, which need not be on the PATH.
PLUGINS = ("protoc-gen-mypy", "protoc-gen-mypy_grpc")


def main() -> None:
    """Write the generated code and the descriptor set, replacing existing files."""
    argparse.ArgumentParser(prog="python -m development.protos", description=__doc__).parse_args()
    sources = sorted(str(path.relative_to(PROTOS)) for path in PROTOS.glob("astegni/**/*.proto"))
    include = [f"-I{path}" for path in (PROTOS, *_library_protos())]
    plugins = [f"--plugin={name}={Path(sys.executable).with_name(name)}" for name in PLUGINS]
    outputs = [f"--{kind}_out={ROOT}" for kind in ("python", "mypy", "grpc_python", "mypy_grpc")]
    _run([*include, *plugins, *outputs, *sources])
    _run(
        [
            *include,
            "--include_imports",
            "--include_source_info",
            f"--descriptor_set_out={DESCRIPTOR_SET}",
            *sources,
            ERROR_DETAILS,
        ]
    )


def _library_protos() -> tuple[Path, Path]:
    """Return where the well-known types and the googleapis types are installed."""
    well_known = Path(next(iter(grpc_tools.__path__))) / "_proto"
    googleapis = Path(google.rpc.error_details_pb2.__file__).parents[2]
    return well_known, googleapis


def _run(arguments: list[str]) -> None:
    if protoc.main(["protoc", *arguments]) != 0:
        sys.exit("protoc failed; see its messages above")


if __name__ == "__main__":
    main()
