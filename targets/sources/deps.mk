# SPDX-License-Identifier: Apache-2.0
# `make deps`: the distribution's packages and source packages, once; nothing
# later touches the network. `make deps-build`: without those only tests need.

BUILD_PKGS = gcc g++ libc6-dev linux-libc-dev binutils make libarchive-dev \
	libjansson-dev zlib1g-dev libzstd-dev liblz4-dev nettle-dev dpkg-dev \
	ca-certificates mtools \
	dosfstools erofs-utils xz-utils qemu-system-x86 qemu-utils seabios tcl \
	autoconf automake libtool
TEST_PKGS = oci-image-tool libcmocka-dev bats perl gdisk fdisk parted ovmf skopeo umoci \
	podman buildah jq python3 python3-jsonschema python3-license-expression \
	golang-github-opencontainers-image-spec-dev docker.io docker-compose iptables \
	mmdebstrap sqlite3 clang libclang-rt-14-dev clang-format clang-tidy \
	shellcheck man-db cmake xxd file iproute2 socat \
	strace busybox-static cpio zstd curl openssl wrk redis-tools \
	mariadb-client-core zsh fish \
	faketime tzdata chromium fonts-dejavu-core lintian python3-yaml python3-kubernetes
SOURCE_PKGS = musl lwip sqlite3/bookworm nginx/bookworm openssl/bookworm \
	pcre2/bookworm zlib/bookworm redis/bookworm \
	php8.2/bookworm libonig/bookworm
# Binary packages with what they need, for manifests' "binaries".
BINARY_PKGS = busybox-static mariadb-server-core mariadb-client-core
# What the server tests serve: several thousand files.
DOC_PKG = libboost1.74-doc

SUDO = $(if $(filter 0,$(shell id -u)),,sudo)
export SLIPWAY_SOURCES ?= $(HOME)/.cache/slipway/sources

.PHONY: deps deps-build
deps: PKGS = $(BUILD_PKGS) $(TEST_PKGS)
deps-build: PKGS = $(BUILD_PKGS)
deps deps-build:
	@missing=; for p in $(PKGS); do \
		dpkg-query -W -f='$${Status}' $$p 2>/dev/null | \
			grep -q '^install ok installed' || missing="$$missing $$p"; \
	done; \
	if [ -n "$$missing" ]; then \
		echo "deps: installing$$missing"; \
		$(SUDO) apt-get update -q && \
		$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
			--no-install-recommends $$missing; \
	fi
	@for s in $(SOURCE_PKGS); do \
		targets/sources/fetch.sh --download-only $$s || exit 1; \
	done
	@for p in $(BINARY_PKGS); do \
		targets/sources/packages.sh --download-only $$p || exit 1; \
	done
	@targets/linux/kernel.sh --download-only || { $(SUDO) apt-get update -q && \
		targets/linux/kernel.sh --download-only; }
	@[ $@ != deps ] || ls $(SLIPWAY_SOURCES)/doc/*.deb >/dev/null 2>&1 || { \
		mkdir -p $(SLIPWAY_SOURCES)/doc && \
		cd $(SLIPWAY_SOURCES)/doc && \
		{ apt-get download -q $(DOC_PKG) || { $(SUDO) apt-get update -q && \
			apt-get download -q $(DOC_PKG); }; }; }
