# One image for all of our own processes; docker-compose.yml names the one that each container runs.

ARG PYTHON_IMAGE=python:3.11-slim
FROM ${PYTHON_IMAGE} AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements.lock ./
# The image has no need of pip.
RUN python -m venv --without-pip /packages \
    && pip --python /packages/bin/python install --quiet --no-compile --require-hashes --requirement requirements.lock

# Of the developers' packages only those that compile the protos. A file of its own, so that a change of any other package
# does not install these again.
FROM ${PYTHON_IMAGE} AS tools
COPY requirements-development.lock ./
RUN awk '/^[a-z]/ { wanted = /^(googleapis-common-protos|grpcio|grpcio-tools|mypy-protobuf|protobuf|setuptools|types-protobuf|typing-extensions)==/ } wanted' \
    requirements-development.lock > /tools.lock

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
COPY --from=tools /tools.lock ./
RUN python -m venv --without-pip /tools \
    && pip --python /tools/bin/python install --quiet --no-deps --require-hashes --requirement tools.lock
COPY protos protos
COPY development/__init__.py development/protos.py development/
COPY gateway gateway
RUN /tools/bin/python -m development.protos

FROM ${PYTHON_IMAGE}
ENV PATH="/packages/bin:$PATH" PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# A fixed user id, so that the gateway's container can read the configuration (mode 0600) that one of ours writes.
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin astegni \
    && install --directory --owner=astegni --group=astegni /gateway
WORKDIR /app
COPY --from=packages /packages /packages
COPY --from=build /build/astegni astegni
COPY --from=build /build/gateway gateway
COPY servicekit servicekit
COPY heartbeat_relay heartbeat_relay
COPY tracking_service tracking_service
COPY attendance_service attendance_service
COPY attendancectl attendancectl
# What `pip install` would make of [project.scripts]; for `docker compose exec tracking attendancectl doctor`.
ENV PYTHONPATH=/app
RUN printf '#!/packages/bin/python\nfrom attendancectl.app import main\nmain()\n' > /packages/bin/attendancectl \
    && chmod 755 /packages/bin/attendancectl
# Nothing can be compiled on a read-only file system, and each start and health check would compile everything anew. The
# official image has no bytecode of the standard library. Nobody changes a source in the image, so no process compares it.
RUN python -m compileall -q --invalidation-mode unchecked-hash \
    /app /packages "$(python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')"
USER 10001:10001
