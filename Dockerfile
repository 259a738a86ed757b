# PostgreSQL with csm_metrics, on the official image: docker build --build-arg PG=18-trixie -t postgres-csm .
# The first stage builds with headers and a compiler, the second has the files alone.
ARG PG=18-trixie

FROM postgres:${PG} AS build
# the image says which headers fit its server; a fixed version would not follow it
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev make "postgresql-server-dev-$PG_MAJOR"
COPY . /src
RUN make -C /src PG_CONFIG="/usr/lib/postgresql/$PG_MAJOR/bin/pg_config" with_llvm=no DESTDIR=/out install

FROM postgres:${PG}
COPY --from=build /out/ /
