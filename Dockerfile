# One image for all of our own processes; docker-compose.yml names the one that each container runs.

ARG PYTHON_IMAGE=python:3.11-slim
FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
COPY requirements.lock ./
RUN python -m venv /packages && /packages/bin/pip install --quiet --require-hashes --requirement requirements.lock
# The protos are compiled with the developers' tools; these packages are not copied into the image.
COPY requirements-development.lock ./
RUN python -m venv /tools && /tools/bin/pip install --quiet --require-hashes --requirement requirements-development.lock
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
COPY --from=build /packages /packages
COPY --from=build /build/astegni astegni
COPY --from=build /build/gateway gateway
COPY servicekit servicekit
COPY heartbeat_relay heartbeat_relay
COPY tracking_service tracking_service
COPY attendance_service attendance_service
USER 10001:10001
