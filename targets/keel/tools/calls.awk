# SPDX-License-Identifier: Apache-2.0
# Every system call of Linux and what keel has of it, for the command:
#   awk -f calls.awk sys/syscalls.tbl asm/unistd_64.h
# A line each: NAME NUMBER full|partial|absent NOTE
FILENAME == ARGV[1] {
	if ($0 !~ /^[a-z]/)
		next
	status[$1] = $3 == "real" ? "full" : $3
	line = $0
	sub(/^[^ ]+ +[^ ]+ +[^ ]+ */, "", line)
	note[$1] = line
	next
}
$1 == "#define" && $2 ~ /^__NR_[a-z0-9_]+$/ && $3 ~ /^[0-9]+$/ {
	name = substr($2, 6)
	n++
	if (name in status)
		print name, $3, status[name] (note[name] ? " " note[name] : "")
	else
		print name, $3, "absent"
}
END {
	if (!n) {
		print "calls.awk: no system calls found" >"/dev/stderr"
		exit 1
	}
}
