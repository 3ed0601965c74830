# SPDX-License-Identifier: Apache-2.0
# lib/check: what of a program would not work, told before it boots.
LIB_SRC += lib/check/findings.c lib/check/needs.c lib/check/program.c \
	lib/check/scan.c lib/check/app.c lib/check/collected.c lib/check/advice.c
