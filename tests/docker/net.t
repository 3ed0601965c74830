#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Networks: one program is in two images, as a plain static Linux program and
# as a virtual machine. Published ports, names, several networks, the
# container's own address, health, Compose.
# shellcheck disable=SC2015,SC2181
set -u
# shellcheck source=tests/docker/begin.sh
. tests/docker/begin.sh
finish() {
	[ -z "${dns:-}" ] || kill "$dns" 2>/dev/null
	left=$(timeout 10 docker ps -aq 2>/dev/null)
	# shellcheck disable=SC2086
	[ -z "$left" ] || timeout 60 docker rm -f $left >/dev/null 2>&1
	timeout 30 docker network prune -f >/dev/null 2>&1
	engine_stop
	rm -rf "$dir"
}

engine_begin

# --- the two images ---------------------------------------------------------
mkdir "$dir/app"
cp tests/docker/net-main.c "$dir/app/main.c"
cat >"$dir/app/slipway.json" <<END
{
	"name": "net",
	"target": "x86_64-keel",
	"sources": ["main.c"],
	"ports": [7000, "7000/udp", 7080],
	"healthcheck": {"test": ["http", "7080", "/", "200"], "interval": "1s",
		"timeout": "20s", "retries": 2},
	"tags": ["net:vm"]
}
END
timeout 300 "$SLIPWAY" build -o "$dir/vm.tar" "$dir/app" >"$dir/log" 2>&1 ||
	bail "slipway build: $(tail -n 20 "$dir/log")"
docker load -q -i "$dir/vm.tar" >"$dir/log" 2>&1 ||
	bail "docker load: $(cat "$dir/log")"
cp "$dir/app/build/net/program" "$dir/program"
tar -C "$dir" -c program |
	docker import -c 'ENTRYPOINT ["/program"]' - net:linux \
		>"$dir/log" 2>&1 || bail "docker import: $(cat "$dir/log")"

# --- helpers ------------------------------------------------------------------
# A port that nothing on this machine has, below those of clients.
port=21000
free_port() {
	port=$((port + 1))
	while ss -Hltun | grep -q ":$port "; do port=$((port + 1)); done
}
# Starts a server and waits until it listens: NAME OPTION... [-- WORD...]
serve() {
	name=$1
	shift
	opts=()
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		opts+=("$1")
		shift
	done
	[ $# = 0 ] || shift
	[ $# -gt 0 ] || set -- server
	docker run -d --name "$name" "${opts[@]}" "net:${image:-vm}" "$@" \
		>/dev/null 2>"$dir/log" || return 1
	await "$name" "${word:-listening}"
}
await() { # NAME WORD
	for _ in $(seq 300); do
		docker logs "$1" 2>/dev/null | grep -aq "$2" && return 0
		[ "$(docker inspect -f '{{.State.Running}}' "$1")" = true ] ||
			return 1
		sleep 0.1
	done
	return 1
}
# The client on this machine; in a container.
host() {
	timeout 60 "$dir/program" "$@" 2>&1
}
inside() { # KIND NETWORK ARG...
	kind=$1 net=$2
	shift 2
	# shellcheck disable=SC2086 # $tap is options
	timeout 60 docker run --rm --network "$net" ${tap:-} "net:$kind" "$@" 2>&1
}
address() { # CONTAINER NETWORK [KEY]
	docker inspect -f \
		"{{(index .NetworkSettings.Networks \"$2\").${3:-IPAddress}}}" \
		"$1"
}
is() { # NAME GOT WANTED
	report "$1" "$([ "$2" = "$3" ] ||
		printf 'got:\n%s\nwanted:\n%s\n' "$2" "$3")"
}
matches() { # NAME GOT PATTERN
	report "$1" "$(printf '%s\n' "$2" | grep -qxE -- "$3" ||
		printf 'got:\n%s\nwanted: %s\n' "$2" "$3")"
}
gone() {
	docker rm -f "$@" >/dev/null 2>&1
}
tun=(--cap-add NET_ADMIN --device /dev/net/tun)
docker network create one >/dev/null
docker network create --ipv6 --subnet fd00:84::/64 six >/dev/null

# --- published ports ------------------------------------------------------------
free_port
word=waiting
serve early -p "$port:7000" -p "$port:7000/udp" -- server silent
ip=$(address early bridge)
is "a port is refused until the program listens" \
	"$(host ask "$ip" 7000 x)" "connect: Connection refused"
docker kill -s USR1 early >/dev/null
await early listening
unset word
matches "and open from then on" "$(host ask "$ip" 7000 x)" 'from .*: x'
for a in 127.0.0.1 ::1; do
	[ $a = ::1 ] && ! "$dir/program" ask ::1 1 x | grep -q refused && continue
	matches "docker run -p, TCP at $a" "$(host ask $a "$port" hi)" \
		'from .*: hi'
	matches "docker run -p, UDP at $a" "$(host ask-udp $a "$port" hi)" \
		'from .*: hi'
done
is "a megabyte there and back" "$(host bulk 127.0.0.1 "$port")" same
is "many peers at once" "$(host burst 127.0.0.1 "$port")" "60 of 60"
matches "a port that no image names is open too" \
	"$(inside linux bridge ask "$ip" 7080 x | head -n 1)" 'HTTP/1.1 200 OK.*'
from=$(inside linux bridge ask "$ip" 7000 x)
matches "the peer's own address is seen" "$from" 'from 10\.213\..*: x'
docker stop early >/dev/null
is "docker stop ends it" "$(docker inspect -f '{{.State.ExitCode}}' early)" 143
is "and the port" "$(host ask 127.0.0.1 "$port" x)" "connect: Connection refused"
gone early
serve exposed -P
matches "docker run -P: the ports of the manifest" \
	"$(docker port exposed | sed 's/ .*//' | sort -u | tr '\n' ' ')" \
	'7000/tcp 7000/udp 7080/tcp '
gone exposed
serve bare --read-only --cap-drop ALL --user 65534 \
	--security-opt no-new-privileges
matches "without any privilege, read-only, any user" \
	"$(host ask "$(address bare bridge)" 7000 x)" 'from .*: x'
gone bare

# --- networks and names -----------------------------------------------------------
serve vmserver --network one
image=linux serve linuxserver --network one
is "a machine is found by its name" \
	"$(inside linux one resolve vmserver)" "$(address vmserver one)"
matches "and answers there" "$(inside linux one ask vmserver 7000 x)" 'from .*: x'
is "a machine finds others by name" \
	"$(inside vm one resolve linuxserver)" "$(address linuxserver one)"
matches "and reaches them" "$(inside vm one ask linuxserver 7000 x)" \
	'from 10\.213\..*: x'
matches "two machines talk by name" \
	"$(inside vm one ask vmserver 7000 x)" 'from 10\.213\..*: x'
matches "over UDP too" "$(inside vm one ask-udp vmserver 7000 x)" 'from .*: x'
is "a megabyte from machine to machine" "$(inside vm one bulk vmserver 7000)" same
is "a name that is not there" "$(inside vm one resolve nobody.invalid)" \
	"$(inside linux one resolve nobody.invalid)"
is "--add-host" \
	"$(tap="--add-host far:10.1.2.3" inside vm one resolve far)" 10.1.2.3
docker network connect six vmserver
matches "a network that is joined later leads to it" \
	"$(inside linux six ask "$(address vmserver six)" 7000 x)" 'from .*: x'
gone vmserver linuxserver
serve vmsix --network six
six=$(address vmsix six GlobalIPv6Address)
matches "IPv6 in, TCP" "$(inside linux six ask "$six" 7000 x)" 'from .*: x'
matches "IPv6 in, UDP" "$(inside linux six ask-udp "$six" 7000 x)" 'from .*: x'
image=linux serve linuxsix --network six
matches "IPv6 out" "$(inside vm six ask \
	"$(address linuxsix six GlobalIPv6Address)" 7000 x)" 'from fd00:84::.*: x'
gone vmsix linuxsix

# --- none, host -------------------------------------------------------------------
is "--network none: no card, no word about it" "$(inside vm none quit)" ""
is "and nobody is there" "$(inside vm none ask 10.213.0.1 7000 x)" \
	"connect: Network unreachable"
if ss -Hltun | grep -qE ':70[08]0 '; then
	report "# skip --network host: a port of the test is in use" ""
else
	serve hosted --network host
	matches "--network host" "$(host ask 127.0.0.1 7000 x)" 'from .*: x'
	gone hosted
	serve hosted --network host "${tun[@]}"
	matches "which is never taken over" "$(host ask 127.0.0.1 7000 x)" \
		'from .*: x'
	matches "and says so" "$(docker logs hosted 2>&1 >/dev/null)" \
		'slipway: .*interfaces are not its own.*'
	gone hosted
fi

# --- the container's own address ----------------------------------------------------
docker create --name taker --network one "${tun[@]}" net:vm server >/dev/null
docker network connect six taker
docker start taker >/dev/null
await taker listening
is "taking over says nothing" "$(docker logs taker 2>&1 >/dev/null)" ""
client=$(docker run -d --network one --entrypoint /program net:linux server)
matches "the peer has its own address" \
	"$(docker exec "$client" /program ask taker 7000 x)" \
	"from $(docker inspect -f '{{.NetworkSettings.Networks.one.IPAddress}}' "$client"): x"
gone "$client"
matches "a second network" "$(inside linux six ask "$(address taker six)" \
	7000 x)" 'from 10\.213\..*: x'
matches "and its IPv6" "$(inside linux six ask \
	"$(address taker six GlobalIPv6Address)" 7000 x)" 'from fd00:84::.*: x'
tap="${tun[*]}"
matches "two machines with their own addresses, by name" \
	"$(inside vm one ask taker 7000 x)" 'from 10\.213\..*: x'
is "many peers at once there" "$(inside vm one burst taker 7000)" "60 of 60"
is "a megabyte between them" "$(inside vm one bulk taker 7000)" same
matches "UDP" "$(inside vm one ask-udp taker 7000 x)" 'from 10\.213\..*: x'
unset tap
is "the health command reaches it" \
	"$(docker exec taker /slipway/health tcp 7000; echo $?)" 0
docker stop taker >/dev/null
is "docker stop" "$(docker inspect -f '{{.State.ExitCode}}' taker)" 143
gone taker
docker network create -o com.docker.network.driver.mtu=1280 narrow >/dev/null
docker network create -o com.docker.network.driver.mtu=9000 wide >/dev/null
for net in narrow:1280 wide:9000; do
	mtu=${net#*:} net=${net%:*}
	is "the MTU of a $net network is taken over" \
		"$(tap="${tun[*]}" inside vm "$net" mtu eth0)" "$mtu"
	serve taker --network "$net" "${tun[@]}"
	is "and a megabyte goes through" \
		"$(inside linux "$net" bulk taker 7000)" same
	gone taker
done
# Names that the engine's own server asks another for, from in the container.
gateway=$(docker network inspect -f '{{(index .IPAM.Config 0).Gateway}}' one)
cat >"$dir/dns.py" <<'END'
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((sys.argv[1], 53))
print("ready", flush=True)
while True:
    q, a = s.recvfrom(512)
    end = q.index(b"\0", 12) + 5
    found = q[end - 4:end - 2] == b"\0\1"
    head = q[:2] + (b"\x81\x80\0\1\0\1" if found else b"\x81\x80\0\1\0\0")
    s.sendto(head + b"\0\0\0\0" + q[12:end] + (
        b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x0a\7\7\7" if found else b""), a)
END
python3 "$dir/dns.py" "$gateway" >"$dir/dns.log" 2>&1 8>&- &
dns=$!
for _ in $(seq 50); do grep -q ready "$dir/dns.log" && break; sleep 0.1; done
for t in "" "${tun[*]}"; do
	is "a name of the world outside${t:+, with the own address}" \
		"$(tap="--dns $gateway $t" inside vm one resolve www.example.org)" \
		10.7.7.7
done
kill $dns
dns=
# The namespace of a container that lives on is as it was.
image=linux serve holder --network one
timeout 60 docker run --rm --network container:holder "${tun[@]}" net:vm quit
is "afterwards the interfaces are the container's again" \
	"$(docker exec holder /program resolve holder
		inside linux one ask holder 7000 x | sed 's/from .*:/from/')" \
	"$(address holder one)
from x"
serve lost --network container:holder "${tun[@]}"
kill -9 "$(pgrep -P "$(docker inspect -f '{{.State.Pid}}' lost)")"
is "also when QEMU dies" "$(docker wait lost
	docker exec holder /program resolve holder
	inside linux one ask holder 7000 x | sed 's/from .*:/from/')" \
	"125
$(address holder one)
from x"
gone lost holder
matches "what was asked for and cannot be is told, and forwarded" \
	"$(tap="-e SLIPWAY_NET=tap" inside vm one quit)" \
	'slipway: .*/dev/net/tun.*its ports are forwarded'

# --- health ---------------------------------------------------------------------------
health() { # NAME WANTED
	for _ in $(seq 300); do
		now=$(docker inspect -f '{{.State.Health.Status}}' "$1")
		[ "$now" = "$2" ] && break
		sleep 0.2
	done
	echo "$now"
}
serve sick
is "HEALTHCHECK: healthy" "$(health sick healthy)" healthy
docker kill -s USR2 sick >/dev/null
is "and unhealthy, when it does not answer" "$(health sick unhealthy)" unhealthy
matches "with the reason" "$(docker inspect \
	-f '{{(index .State.Health.Log 0).Output}}' sick; docker inspect \
	-f '{{json .State.Health.Log}}' sick)" '.*Connection refused.*'
is "health tcp of a port without a program is 1" \
	"$(docker exec sick /slipway/health tcp 7999; echo $?)" \
	"connect: Connection refused
1"
is "a wrong health command is 2" \
	"$(docker exec sick /slipway/health ping 1 >/dev/null 2>&1; echo $?)" 2
gone sick

# --- Compose ----------------------------------------------------------------------------
if ! command -v docker-compose >/dev/null; then
	report "# skip docker-compose is not installed" ""
else
	free_port
	cat >"$dir/compose.yaml" <<END
services:
  web:
    image: net:vm
    command: server
    ports: ["127.0.0.1:$port:7000"]
  client:
    image: net:vm
    command: ask web 7000 composed
    depends_on:
      web:
        condition: service_healthy
END
	sed -i '1i version: "2.4"' "$dir/compose.yaml"
	compose() {
		timeout 90 docker-compose -p netcompose -f "$dir/compose.yaml" \
			"$@"
	}
	compose up -d >"$dir/log" 2>&1
	report "Compose starts both" "$([ $? = 0 ] || wrong "$dir/log")"
	docker wait netcompose_client_1 >"$dir/log" 2>&1
	matches "one reaches the other by its name" \
		"$(docker logs netcompose_client_1 2>&1)" 'from .*: composed'
	matches "and we it by its port" "$(host ask 127.0.0.1 "$port" x)" \
		'from .*: x'
	compose down -t 5 >"$dir/log" 2>&1
	report "and down" "$([ $? = 0 ] || wrong "$dir/log")"
fi
echo "1..$n"
