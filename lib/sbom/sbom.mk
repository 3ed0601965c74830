# SPDX-License-Identifier: Apache-2.0
# lib/sbom: what an image was made from, as SPDX and as in-toto provenance.
LIB_SRC += lib/sbom/deb822.c lib/sbom/license.c lib/sbom/purl.c \
	lib/sbom/source.c lib/sbom/dpkg.c lib/sbom/sums.c lib/sbom/sbom.c lib/sbom/spdx.c \
	lib/sbom/provenance.c
