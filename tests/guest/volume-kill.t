#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What a program was told to be safe on a volume is there, whenever its
# machine is killed. The program writes numbered records, and says which one
# is safe; the test kills QEMU in the middle.
# shellcheck disable=SC2015
set -u
. tests/tap.sh
B=${B:-build}
SLIPWAY=${SLIPWAY:-$B/bin/slipway}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM HUP

cat >"$dir/safe.c" <<'END'
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SIZE = 64, MAX = 100000 };

static int step(const char *how, int fd, char *map, long i)
{
	char r[SIZE + 1];
	int tmp;

	memset(r, '.', SIZE);
	sprintf(r, "record %ld ", i);
	r[strlen(r)] = '.';
	r[SIZE - 1] = '\n';
	if (!strcmp(how, "append"))
		return write(fd, r, SIZE) != SIZE || fsync(fd);
	if (!strcmp(how, "place"))
		return pwrite(fd, r, SIZE, i * SIZE) != SIZE || fdatasync(fd);
	if (!strcmp(how, "dsync"))
		return write(fd, r, SIZE) != SIZE;
	if (!strcmp(how, "map")) {
		memcpy(map + i * SIZE, r, SIZE);
		return msync(map + (i * SIZE & -4096L), 4096, MS_SYNC);
	}
	/* A new file takes the place of the old one. */
	tmp = open("tmp", O_CREAT | O_TRUNC | O_WRONLY, 0600);
	if (tmp < 0 || write(tmp, r, SIZE) != SIZE || fsync(tmp) ||
		close(tmp) || rename("tmp", "data"))
		return -1;
	return fsync(fd);
}

int main(int argc, char **argv)
{
	const char *how = argv[1];
	int flags = !strcmp(how, "append")  ? O_RDWR | O_CREAT | O_APPEND
		    : !strcmp(how, "dsync") ? O_RDWR | O_CREAT | O_DSYNC
					    : O_RDWR | O_CREAT;
	int fd = strcmp(how, "replace") ? open("data", flags, 0600)
					: open(".", O_RDONLY | O_DIRECTORY);
	char *map = NULL;

	if (!strcmp(how, "map")) {
		ftruncate(fd, (long)SIZE * MAX);
		map = mmap(NULL, (long)SIZE * MAX, PROT_READ | PROT_WRITE,
			MAP_SHARED, fd, 0);
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (long i = 0; i < MAX; i++) {
		if (step(how, fd, map, i)) {
			perror(how);
			return 1;
		}
		printf("%ld\n", i);
	}
	return 0;
}
END
if ! { "$(dirname "$SLIPWAY")/x86_64-keel-cc" -O2 -o "$dir/safe" \
	"$dir/safe.c" && "$B/tests/relink" "$dir/safe" "$dir/safe.kernel"; } \
	>"$dir/log" 2>&1; then
	sed 's/^/# /' "$dir/log"
	echo "Bail out! the program does not build"
	exit 1
fi

# The last record that was said to be safe, when the machine was killed.
kill_it() { # HOW
	rm -rf "$dir/vol"
	mkdir "$dir/vol"
	: >"$dir/out"
	"$SLIPWAY" run --accel tcg -m 32M -v "$dir/vol:/vol" -w /vol \
		"$dir/safe.kernel" -- "$1" >"$dir/out" 2>"$dir/err" </dev/null &
	pid=$!
	# Some records, then a moment that is another one each time.
	for _ in $(seq 600); do
		[ "$(wc -l <"$dir/out")" -ge $((20 + round * 13)) ] && break
		kill -0 $pid 2>/dev/null || break
		sleep 0.1
	done
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
	said=$(sed -n '/^[0-9]*$/p' "$dir/out" | tail -n 1)
	# A line that was cut is not an answer.
	[ -z "$(tail -c 1 "$dir/out")" ] ||
		said=$(sed '$d' "$dir/out" | tail -n 1)
}
# Every record up to the last one that was safe.
check() { # HOW
	[ -n "$said" ] || {
		echo "nothing was written: $(cat "$dir/err")"
		return
	}
	if [ "$1" = replace ]; then
		last=$(sed -n 's/^record \([0-9]*\) \.*$/\1/p' "$dir/vol/data")
		[ "${last:--1}" -ge "$said" ] ||
			echo "$said was safe, there is ${last:-nothing}"
		return
	fi
	head -c $(((said + 1) * 64)) "$dir/vol/data" |
		awk -v said="$said" '
			$1 != "record" || $2 != NR - 1 || length($0) != 63 {
				print "record " NR - 1 " is \"" $0 "\""
				exit
			}
			END {
				if (NR != said + 1)
					print NR " records, " said " was safe"
			}'
}

for how in append place dsync map replace; do
	why=
	for round in 1 2 3; do
		kill_it $how
		why=$why$(check $how)
	done
	report "killed three times: $how" "$why"
done
echo "1..$n"
