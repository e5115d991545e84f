# The image of Almenara: `docker build -t almenara:0.1.0 .`; docs/docker.md explains how to run it.

FROM python:3.13.15-slim-trixie AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
# Only wheels, each with its hash, except faust-streaming, which has none for ARM and is compiled here from its hashed
# source. The compiler and what builds the wheels (requirements-build.lock) are not in the final image.
RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev
RUN python -m venv /build && python -m venv --without-pip /opt/almenara
COPY requirements.lock requirements-build.lock /
RUN /build/bin/pip install --only-binary :all: --require-hashes -r /requirements-build.lock
RUN sed -n '/^faust-streaming==/,/[^\\]$/p' /requirements.lock > /compiled.lock \
    && sed '/^faust-streaming==/,/[^\\]$/d' /requirements.lock > /wheels.lock
RUN /build/bin/pip wheel --no-deps --no-build-isolation --no-binary faust-streaming --require-hashes \
    --wheel-dir /wheel -r /compiled.lock
RUN /build/bin/pip --python /opt/almenara/bin/python install --only-binary :all: --require-hashes --no-deps -r /wheels.lock \
    && /build/bin/pip --python /opt/almenara/bin/python install --no-deps --no-index /wheel/*.whl
COPY . /source
RUN /build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /almenara /source \
    && /build/bin/pip --python /opt/almenara/bin/python install --no-deps --no-index /almenara/*.whl \
    && /opt/almenara/bin/python -m compileall -q /opt/almenara/lib

FROM python:3.13.15-slim-trixie
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /var/lib/almenara --shell /usr/sbin/nologin almenara \
    && install --directory --owner almenara --group almenara /var/lib/almenara
COPY --from=build /opt/almenara /opt/almenara
COPY config /etc/almenara
ENV PATH=/opt/almenara/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    ALMENARA_CONFIG=/etc/almenara ALMENARA_DATA=/var/lib/almenara
USER 10001
WORKDIR /var/lib/almenara
VOLUME /var/lib/almenara
HEALTHCHECK --interval=30s --timeout=15s --start-period=120s CMD ["almenara", "health"]
ENTRYPOINT ["almenara"]
CMD ["run"]
