# SPDX-License-Identifier: Apache-2.0
# Makes sys/proto.h, the prototypes of the bodies, from sys/syscalls.tbl.
BEGIN {
	print "/* Made by tools/proto.awk from sys/syscalls.tbl. */"
	print "#ifndef SYS_PROTO_H\n#define SYS_PROTO_H\n"
}
/^[a-z]/ {
	args = "void"
	for (i = 0; i < $2; i++)
		args = i ? args ", long" : "long"
	printf "long do_%s(%s);\n", $1, args
}
END { print "\n#endif" }
