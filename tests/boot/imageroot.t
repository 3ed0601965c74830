#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A container image as the root: made by umoci and skopeo, booted as it is.
# What it says of itself is what an engine would make of it.
# shellcheck disable=SC2015
set -u
. tests/tap.sh
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
root=$dir/root
must() { # COMMAND...
	"$@" >"$dir/log" 2>&1 || {
		sed 's/^/# /' "$dir/log"
		echo "Bail out! $1"
		exit 1
	}
}
mkdir -p "$root/bin" "$root/etc" "$root/srv/old" "$root/opq" "$root/home/app"
cp "$(command -v busybox)" "$root/bin/busybox"
for name in sh cat id find sleep ls wc nproc; do
	ln -s busybox "$root/bin/$name"
done
printf 'root:x:0:0::/root:/bin/sh\napp:x:1000:1001::/home/app:/bin/sh\n' \
	>"$root/etc/passwd"
printf 'app:x:1001:\nmore:x:2000:app\n' >"$root/etc/group"
echo one >"$root/srv/old/one"
echo two >"$root/srv/two"
echo under >"$root/opq/under"
chown -R 1000:1001 "$root/home/app"
cat >"$root/entry" <<'END'
#!/bin/sh
echo "$0: $*"
id -u; id -g; id -G
pwd
echo "$HOME $PATH $FOO"
(sleep 1; echo child) &
find /srv /opq | sort
ls -l /bin/ls >/dev/null && echo "written by $(id -u)" >/dev/stdout
: >mine && ! (: >/srv/new) 2>/dev/null && echo "own files only"
wait
echo oops >&2
exit 7
END
chmod 755 "$root/entry"
mkdir "$dir/opq" "$dir/p"
echo new >"$dir/opq/new"
must umoci init --layout "$dir/p/oci"
must umoci new --image "$dir/p/oci:app"
must umoci insert --image "$dir/p/oci:app" "$root" /
must umoci insert --image "$dir/p/oci:app" --whiteout /srv/old
must umoci insert --image "$dir/p/oci:app" --opaque "$dir/opq" /opq
must umoci config --image "$dir/p/oci:app" --config.entrypoint /entry \
	--config.cmd a --config.cmd "b  c" --config.env FOO=bar \
	--config.user app --config.workingdir /home/app
must umoci config --image "$dir/p/oci:app" --tag bare \
	--clear=config.entrypoint --config.cmd id --config.user 5:6 \
	--config.workingdir /
must skopeo copy -q "oci:$dir/p/oci:bare" "docker-archive:$dir/p/bare.tar:x:1"
manifest() { # NAME IMAGE [KEYS]
	cat >"$dir/p/$1.json" <<END
{
	"name": "$1", "target": "x86_64-linux", "memory": "192M",
	"rootfs": {"image": "$2"}${3:-}
}
END
	must timeout 300 "$SLIPWAY" build "$dir/p/$1.json" --output type=kernel
}
manifest app oci:oci:app
manifest bare docker-archive:bare.tar
cat >"$dir/want" <<'END'
/entry: a b  c
1000
1001
1001 2000
/home/app
/home/app /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin bar
/opq
/opq/new
/srv
/srv/two
written by 1000
own files only
child
7
END
run() { # NAME ARG...
	timeout 120 "$SLIPWAY" run "$dir/p/$1.json" "${@:2}" >"$dir/out" \
		2>"$dir/err" </dev/null
	echo $? >>"$dir/out"
}
run app
report "a script, its children, user, folder, variables, layers" "$(
	diff "$dir/want" "$dir/out" && grep -qx oops "$dir/err" ||
		wrong "$dir/err")"
run bare
report "without an entry point the command starts, found in PATH" "$(
	printf 'uid=5 gid=6 groups=6\n0\n' | diff - "$dir/out" ||
		wrong "$dir/err")"
# shellcheck disable=SC2016 # the guest's shell expands these
run bare -- sh -c 'echo $0 $# $HOME; exit 3' "x y" z
report "arguments stand in place of the command" "$(
	printf 'x y 1 /\n3\n' | diff - "$dir/out" || wrong "$dir/err")"
run bare -- nothing
report "a program that is not there is status 127" "$(
	[ "$(cat "$dir/out")" = 127 ] && grep -q 'start nothing: No such file' \
		"$dir/err" || wrong "$dir/out" "$dir/err")"
echo "1..$n"
