# SPDX-License-Identifier: Apache-2.0
# The toolchain image: docker build -t slipway .
# Then, in the Dockerfile of an application:
#
#	FROM slipway AS build
#	COPY . /src
#	RUN slipway build --output type=rootfs,dest=/image
#	FROM scratch
#	COPY --from=build /image /
#	ENTRYPOINT ["/slipway/launch"]
#
# Only building this image needs the network (the distribution's packages).
FROM debian:bookworm-slim
ENV SLIPWAY_SOURCES=/usr/local/share/slipway/sources
RUN apt-get update && \
	apt-get install -y --no-install-recommends make && \
	rm -rf /var/lib/apt/lists/*
COPY . /usr/src/slipway
RUN cd /usr/src/slipway && \
	make deps-build && \
	make -j"$(nproc)" B=/tmp/build install && \
	rm -rf /tmp/build /var/lib/apt/lists/*
WORKDIR /src
CMD ["slipway", "--help"]
