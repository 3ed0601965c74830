#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The programs about files again, in a folder of a volume, where reading a page
# takes time: other threads want the same one meanwhile.
exec tests/guest/run -v file-dir file-fd file-io file-open file-stat \
	file-rename file-full mem-file thread-fault
