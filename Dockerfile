# The image of Almenara: `docker build -t almenara:0.1.0 .`; docs/docker.md explains how to run it.

FROM python:3.13.15-slim-trixie AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
# Only wheels, each with its hash. setuptools, which builds Almenara's own wheel, is not in the final image.
RUN python -m venv /build && python -m venv --without-pip /opt/almenara
RUN echo "setuptools==84.2.1 --hash=sha256:ca140b45d5325a9478f880e351484f62fef15f336462e449ca0c03c873d589c2" > /build.lock \
    && /build/bin/pip install --only-binary :all: --require-hashes -r /build.lock
COPY requirements.lock /
RUN /build/bin/pip --python /opt/almenara/bin/python install --only-binary :all: --require-hashes -r /requirements.lock
COPY . /source
# luqum writes its parser tables next to itself at the first import; later the file system is read-only.
RUN /build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheel /source \
    && /build/bin/pip --python /opt/almenara/bin/python install --no-deps --no-index /wheel/*.whl \
    && /opt/almenara/bin/python -c "import luqum.parser" \
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
