#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The template nginx with a real documentation tree: every answer of the
# guest is the answer of the same program on this host.
#
# TARGET: of the manifest (tests/target.sh); all else of it is the same. What
# only a link onto keel has (its size, its record) is not asked of another.
# LOAD_S: seconds of load (120; make bench has an hour). IDLE: connections
# that stay (10000). VOLUME_MIB: of the large file of a volume (1024).
set -u
# shellcheck source=tests/tap.sh
. tests/tap.sh
# shellcheck source=tests/target.sh
. tests/target.sh
# shellcheck source=tests/server/server.sh
. tests/server/server.sh
# shellcheck source=tests/explain.sh
. tests/explain.sh
load_s=${LOAD_S:-120}
idle=${IDLE:-10000}
volume_mib=${VOLUME_MIB:-1024}
dir=$server_dir/nginx
here=$PWD/tests/server
work=$(mktemp -d)
trap 'server_stop TERM 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
# shellcheck disable=SC3045 # dash and bash have it
ulimit -n "$(ulimit -Hn)"

give_up() { # WHY: nothing after this can work
	report "$1" "$(wrong "$work/log")"
	echo "Bail out! $1"
	exit 1
}

# --- what is served -------------------------------------------------------
# A documentation package of the distribution, and some files of our own; all
# with the time that files of an image have.
prepare() {
	if [ ! -f "$dir-site/ready" ]; then
		rm -rf "$dir-site"
		mkdir -p "$dir-site/deb" "$dir-site/tls"
		dpkg-deb -x "$SLIPWAY_SOURCES"/doc/libboost1.74-doc_*.deb \
			"$dir-site/deb" || return 1
		www=$dir-site/www
		mv "$dir-site"/deb/usr/share/doc/libboost1.74-doc "$www"
		rm -rf "$dir-site/deb"
		head -c 612 templates/nginx/www/index.html | tr '\n' ' ' \
			>"$www/small.html"
		printf '%*s' $((612 - $(wc -c <"$www/small.html"))) '' \
			>>"$www/small.html"
		openssl enc -aes-128-ctr -nosalt -K 00 -iv 00 </dev/zero \
			2>/dev/null | head -c 3145728 >"$www/big.bin"
		find templates lib -name '*.[ch]' | LC_ALL=C sort | xargs cat |
			sed 's/struct/boost/g' | head -c 300000 >"$www/text.txt"
		mkdir "$www/packed"
		gzip -9nc <"$www/text.txt" >"$www/packed/page.html.gz"
		openssl req -x509 -newkey rsa:2048 -nodes -days 3650 \
			-subj /CN=localhost -keyout "$dir-site/tls/key.pem" \
			-out "$dir-site/tls/cert.pem" 2>/dev/null || return 1
		find "$www" -exec touch -hd @0 {} +
		touch "$dir-site/ready"
	fi
	www=$dir-site/www
	server_project nginx "$dir" '
		.target = "'"$target"'" | .memory = "'"$target_server"'M" | .drain = "20s" | .stop_timeout = 90 | .volumes = ["/volume"] | .ports = [80, 81, 443] |
		.files = ([.files[] | select(.to != "/srv/www" and
			.to != "/etc/nginx/nginx.conf")] + [
			{from: "guest.conf", to: "/etc/nginx/nginx.conf"},
			{from: "'"$www"'", to: "/srv/www"},
			{from: "'"$dir"'-site/tls", to: "/etc/nginx/tls"}])' ||
		return 1
	fill_in 80 81 443 /srv/www /tmp /volume >"$work/guest.conf"
	cmp -s "$work/guest.conf" "$dir/guest.conf" ||
		cp "$work/guest.conf" "$dir/guest.conf"
	"$SLIPWAY" build -q "$dir" --output type=kernel
}

fill_in() { # PORT PORT-H2 PORT-TLS ROOT TMP VOLUME
	sed "s|@80@|$1|; s|@81@|$2|; s|@443@|$3|; s|@www@|$4|; s|@tmp@|$5|
		s|@volume@|$6|" "$here/nginx.conf"
}

ports() {
	p80=$(free_port) p81=$(free_port) p443=$(free_port)
	v4=http://127.0.0.1:$p80
}

start_host() {
	ports
	mkdir -p "$work/etc" "$work/tmp"
	fill_in "$p80" "$p81" "$p443" "$www" "$work/tmp" "$work/volume" \
		>"$work/etc/nginx.conf"
	cp -r templates/nginx/mime.types "$dir-site/tls" "$work/etc/"
	"$dir/build/nginx/program" -e stderr -c "$work/etc/nginx.conf" \
		>"$work/log" 2>&1 &
	server_pid=$!
	server_wait 20 curl -sf "$v4/small.html"
}

start_guest() {
	ports
	"$SLIPWAY" run "$dir" --accel tcg -p "$p80:80" -p "$p81:81" \
		-p "$p443:443" -v "$work/volume:/volume" \
		>"$work/log" 2>&1 &
	server_pid=$!
	server_wait 120 curl -sf "$v4/small.html"
}

same() { # NAME FILE FILE
	if cmp "$2" "$3" >"$work/cmp" 2>&1; then
		report "$1" ""
	else
		diff -a "$2" "$3" | head -c 2000 | tr -cd '\n -~' >>"$work/cmp"
		report "$1" "$(wrong "$work/cmp")"
	fi
}

run_ok() { # NAME COMMAND...: it must end well; what it says is shown
	name=$1
	shift
	if "$@" >"$work/out" 2>&1; then
		report "$name" ""
		sed 's/^/# /' "$work/out" | head -n 5
	else
		report "$name" "$(wrong "$work/out" "$work/log")"
	fi
}

# All of the tree in one curl, against the tree.
whole_tree() { # NAME BASE CURL-OPTION...
	name=$1 base=$2
	shift 2
	rm -rf "$work/tree"
	"$here/http.py" urls "$www" "$base" "$work/tree" >"$work/urls"
	if curl -sS --fail --create-dirs "$@" -K "$work/urls" \
		>"$work/out" 2>&1 && diff -r "$www" "$work/tree" \
		>"$work/out" 2>&1; then
		report "$name ($(grep -c ^url "$work/urls") files)" ""
	else
		report "$name" "$(wrong "$work/out" "$work/log")"
	fi
	rm -rf "$work/tree"
}

# Load by wrk, which compares each answer with a file.
load() { # NAME SECONDS FILE URL CONNECTIONS [close]
	seconds=$2
	while :; do
		timeout $((seconds + 60)) wrk -t 1 -c "$5" -d "$seconds" \
			--timeout 30 -s "$here/check.lua" "$4" -- "$3" \
			"${6-}" >"$work/out" 2>&1
		line=$(grep '^requests' "$work/out")
		# Not one was answered: the machine has other work to do.
		case $line in
		'requests 0, wrong 0, errors 0, '*)
			[ "$seconds" -lt 60 ] || break
			seconds=$((seconds * 4))
			;;
		*) break ;;
		esac
	done
	case $line in
	'requests 0,'* | '') report "$1" "$(wrong "$work/out" "$work/log")" ;;
	*', wrong 0, errors 0, '*)
		report "$1" ""
		echo "# $line in $seconds s"
		;;
	*) report "$1" "$(wrong "$work/out" "$work/log")" ;;
	esac
}

checks=27
[ "$target_base" = keel ] || checks=22
echo "1..$checks"
prepare >"$work/log" 2>&1 || give_up "the template with a documentation tree"
report "the template with a documentation tree" ""
[ "$target_base" != keel ] || small_kernel nginx "$dir" 80
mkdir "$work/volume"

start_host >"$work/why" || give_up "nginx on the host: $(cat "$work/why")"
"$here/http.py" answers 127.0.0.1 "$p80" >"$work/host.txt" 2>"$work/out" ||
	give_up "the host's answers: $(tail -n 1 "$work/out")"
"$here/http.py" manners 127.0.0.1 "$p80" >"$work/out" 2>&1 ||
	give_up "clients at the host: $(cat "$work/out")"
server_stop QUIT
report "the same on the host" "${server_status#0}"

# --- the guest ----------------------------------------------------------------
start_guest >"$work/why" || give_up "nginx in the guest: $(cat "$work/why")"
report "the guest answers" ""
run_ok "all kinds of requests are answered" \
	sh -c "'$here/http.py' answers 127.0.0.1 $p80 >'$work/guest.txt'"
same "as by the host, byte for byte" "$work/host.txt" "$work/guest.txt"
run_ok "slow and rude clients" "$here/http.py" manners 127.0.0.1 "$p80"

whole_tree "the tree, HTTP/1.1, IPv4" "$v4"
whole_tree "the tree, HTTP/2 over TLS 1.3, IPv6" "https://[::1]:$p443" -k --http2 \
	--tlsv1.3 -Z --parallel-max 8
run_ok "HTTP/2 without TLS" sh -c "curl -sSf --http2-prior-knowledge -w \
	'%{http_version}\n' -o '$work/get' http://127.0.0.1:$p81/big.bin &&
	cmp '$work/get' '$www/big.bin'"
for tls in 1.2 1.3; do
	run_ok "TLS $tls, HTTP/1.1, gzip" sh -c "curl -sSfk --http1.1 --tls-max $tls \
		--tlsv$tls --compressed -o '$work/get' \
		https://127.0.0.1:$p443/text.txt && cmp '$work/get' '$www/text.txt'"
done
run_ok "stub_status" sh -c "curl -sf \
	'$v4/status' | grep -A2 '^server accepts'"

# A sparse file: what is between its marks is not stored anywhere.
truncate -s "${volume_mib}M" "$work/volume/gigabyte"
printf 'in the middle' | dd of="$work/volume/gigabyte" bs=1 \
	seek=$((volume_mib * 700000)) conv=notrunc 2>/dev/null
run_ok "$volume_mib MiB from a volume" sh -c "curl -sSf -w '%{speed_download} B/s\n' \
	-o '$work/get' '$v4/volume/gigabyte' &&
	cmp '$work/get' '$work/volume/gigabyte'"
rm -f "$work/get"

# QEMU's own network becomes slow with so many: a tap interface, for root.
if [ "$(id -u)" = 0 ]; then
	run_ok "$idle idle connections" unshare -n "$here/idle-connections" \
		"$dir/build/nginx" "$idle" "$target_server"
else
	run_ok "500 idle connections" "$B/tests/server/idle" 127.0.0.1 \
		"$p80" 500 /small.html true
fi

# --- load -----------------------------------------------------------------------
part=$((load_s / 4))
load "load on connections that stay" $part "$www/small.html" "$v4/small.html" 32
before=$(qemu_rss)
load "load on new connections" $part "$www/small.html" "$v4/small.html" 3 close
load "load by files of 3 MB" $part "$www/big.bin" "$v4/big.bin" 8
load "load over TLS" $part "$www/small.html" \
	"https://127.0.0.1:$p443/small.html" 16
grown=$(($(qemu_rss) - before))
echo "# QEMU has $((before + grown)) KiB in memory, $grown more than after a quarter"
report "memory does not grow under load" "$([ $grown -lt "$target_growth" ] ||
	echo "it grew by $grown KiB")"

# --- the end ---------------------------------------------------------------------
# A client that asks again and again, and one that reads its answer only when
# no new one is let in.
client() { # MODE: in the background, in $!, until it has begun
	"$here/http.py" "$1" 127.0.0.1 "$p80" >"$work/$1" 2>&1 &
	while ! grep -q begun "$work/$1" && kill -0 $! 2>/dev/null; do
		sleep 0.1
	done
}
ended() { # NAME PID MODE
	if wait "$2"; then
		report "$1" ""
	else
		report "$1" "$(wrong "$work/$3" "$work/log")"
	fi
}
client till-end
again=$!
client finish
slow=$!
server_stop TERM
ended "SIGTERM: no answer is cut" $again till-end
ended "a download goes on, new connections are refused" $slow finish
report "and the status is 0" "${server_status#0}"

[ "$target_base" = keel ] || exit 0
# --- what it is made of ----------------------------------------------------------
k=$dir/build/nginx/kernel
report "every byte has an owner" "$(explain_sums "$k" \
	"$dir/build/nginx/disk.img")"
report "the library of TLS is there for the program" "$(
	explain_why "$k" SSL_do_handshake
	explain_why "$k" accept4
)"
report "its system calls" "$(explain_calls "$k" accept4:full fork:absent \
	sendfile:partial)"
report "what would not work" "$(explain_check "$k" fork)"
