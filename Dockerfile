FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build

COPY requirements.lock ./
RUN python -m venv /opt/pressroom \
    && /opt/pressroom/bin/pip install --require-hashes --requirement requirements.lock

# What builds the wheel stays in this stage; its versions and hashes are those of the development lock.
COPY requirements-dev.lock ./
RUN awk '/^[a-z]/ {wanted = /^(hatchling|packaging|pathspec|pluggy|tomlkit|trove-classifiers)==/} wanted' \
        requirements-dev.lock > build.lock \
    && pip install --require-hashes --requirement build.lock

COPY pyproject.toml README.md LICENSE ./
COPY generated generated
COPY src src
RUN pip wheel --no-deps --no-build-isolation --wheel-dir dist ./src/contractgen_runtime . \
    && /opt/pressroom/bin/pip install --no-deps dist/*.whl \
    && /opt/pressroom/bin/pip uninstall --yes pip


FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/pressroom --create-home --shell /usr/sbin/nologin pressroom
COPY --from=build /opt/pressroom /opt/pressroom
ARG REVISION=
ENV PATH=/opt/pressroom/bin:$PATH \
    PRESSROOM_REVISION=$REVISION \
    PRESSROOM_STATE_DIR=/var/lib/pressroom \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001
WORKDIR /var/lib/pressroom
EXPOSE 8000
# By the name of an allowed host: the service answers to no other, its own address included.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["python", "-c", "\
import os, urllib.request as http; \
host = os.environ['PRESSROOM_ALLOWED_HOSTS'].split(',')[0].strip().replace('*', 'health'); \
http.urlopen(http.Request('http://127.0.0.1:8000/livez', headers={'Host': host}), timeout=2)"]
# Run `pressroom migrate` in this image before a new version serves.
CMD ["pressroom", "serve", "--host", "0.0.0.0", "--port", "8000"]
