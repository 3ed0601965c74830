#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# nginx.t with the other base, one word of the manifest: the same tests, with
# less load and fewer connections than keel gets, as Linux takes longer for each.
TARGET=x86_64-linux LOAD_S=${LOAD_S:-16} IDLE=${IDLE:-1000} \
	VOLUME_MIB=${VOLUME_MIB:-64} exec "${0%/*}/nginx.t"
