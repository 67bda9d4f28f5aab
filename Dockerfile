# The node as an image: built as everywhere else by ./dev, run with nothing but the libraries it needs.
FROM debian:bookworm AS build
WORKDIR /mosaic
# Packages change less often than sources.
COPY dev ./
RUN ./dev setup
COPY . .
RUN ./dev build && strip -o /usr/local/bin/mosaic build/release/mosaic

FROM debian:bookworm-slim
# The libraries that the program names itself (tests/system/test_deployment.py compares), curl for
# the health check, and certificates for embedding endpoints.
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      libcaf-core0.17 libcaf-io0.17 libcurl4 libfmt9 libhiredis0.14 libprometheus-cpp-core1.0 \
      libpugixml1v5 libraft2 libsimdjson14 libspdlog1.10 libsqlite3-0 libssl3 libstdc++6 libtomlplusplus3 \
      libutf8proc2 libuv1 libxxhash0 libzstd1 zlib1g \
      ca-certificates curl \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 10001 mosaic \
 && useradd --uid 10001 --gid mosaic --home-dir /data --no-create-home --shell /usr/sbin/nologin mosaic \
 && install -d -o mosaic -g mosaic -m 0750 /data
COPY --from=build /usr/local/bin/mosaic /usr/local/bin/mosaic
COPY config/mosaic.toml /etc/mosaic/mosaic.toml

USER 10001:10001
ENV MOSAIC_HTTP_LISTEN=0.0.0.0:4040 MOSAIC_NODE_DATA_DIR=/data
VOLUME /data
EXPOSE 4040
STOPSIGNAL SIGTERM
# Alive, not ready: a node that replays a long log must not be taken for a dead one.
HEALTHCHECK --interval=10s --timeout=4s --start-period=30s --retries=3 \
  CMD ["curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:4040/health"]
ENTRYPOINT ["mosaic"]
CMD ["serve", "--config", "/etc/mosaic/mosaic.toml"]
