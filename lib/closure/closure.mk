# SPDX-License-Identifier: Apache-2.0
# lib/closure: what a distribution's programs need, without running them.
LIB_SRC += lib/closure/root.c lib/closure/collect.c lib/closure/search.c \
	lib/closure/ldcache.c \
	lib/closure/load.c lib/closure/script.c lib/closure/families.c \
	lib/closure/locale.c
