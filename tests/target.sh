# shellcheck shell=sh disable=SC2034
# SPDX-License-Identifier: Apache-2.0
# The target that a test is of: TARGET (x86_64-keel). The test is the same for
# each; what a machine of the target needs to run it stands here:
#   target            the manifest's word
#   target_base       "keel", "linux"
#   target_memory     of a small program
#   target_server     of a server from a template under load, in MiB
#   target_growth     of QEMU's memory under load, in KiB: Linux keeps the files
#                     that it has read
#   target_limits     container limits, and what of them the program must see at
#                     least: "LIMIT LEAST LIMIT LEAST", in MiB
#   target_low        a limit below which nothing starts
#   target_killed     the line about signal 11
target=${TARGET:-x86_64-keel}
case $target in
*-keel)
	target_base=keel target_memory=64M target_server=64 target_growth=8192
	target_limits='64 16 256 192' target_low=12
	target_killed='killed by signal 11 SEGV'
	;;
# Its kernel takes 37 MiB and more; what it maps of files, too, is of its memory.
*-linux)
	target_base=linux target_memory=256M target_server=320
	target_growth=131072
	target_limits='224 64 512 320' target_low=96
	target_killed='ended by signal 11 (Segmentation fault)'
	;;
*)
	echo "1..0 # skip nobody knows what $target needs (tests/target.sh)"
	exit 0
	;;
esac
