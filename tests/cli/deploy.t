#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# slipway deploy: what Compose and Kubernetes are told is what the manifest
# says, and they take it.
# shellcheck disable=SC2016 # the shell of each case expands
. tests/cli/build-lib.sh
# The interpreter that has the packages of `make deps`.
for python in python3 /usr/bin/python3; do
	$python -c 'import kubernetes, yaml' 2>/dev/null && break
done
export python
project small
project full '"tags": ["shop/web:1.2", "shop/web:latest"],
	"env": {"A": "on", "B": "1e3", "C": "a \"b\" \\ $HOME ${X} $(Y) #: é", "D": ""},
	"ports": [80, "53/udp", "53/tcp"], "memory": "32M", "stop_timeout": 25,
	"stop_signal": "SIGINT", "hostname": "web", "volumes": ["/data", "/srv/x y"],
	"healthcheck": {"test": ["http", "80", "/up?a=$b"], "interval": "1500ms",
		"timeout": "3s", "retries": 4, "start_period": "1m"}'
project net '"ports": [80], "healthcheck": {"test": ["http", "80", "/", "204"]}'
sed -i 's/"hello"/"a.b_c"/' net/slipway.json
project exec '"healthcheck": {"test": ["exec", "/check", "$x"], "timeout": "4s"}'
sed -i 's/x86_64-keel/x86_64-linux/' exec/slipway.json

deploy() {
	timeout 20 "$SLIPWAY" deploy "$@" >out 2>err </dev/null
}
refused() { # STATUS PATTERN ARG...
	local status=0 want=$1 pattern=$2

	shift 2
	deploy "$@" || status=$?
	[ $status = "$want" ] && [ ! -s out ] && says "$pattern"
}
compose() { # ARG...: as docker-compose understands it, as JSON
	deploy compose "$@"
	docker-compose -f out config >resolved
	python3 -c 'import json, sys, yaml
print(json.dumps(yaml.safe_load(open("resolved"))))' >json
	python3 -c 'import json, sys, yaml
print(json.dumps(yaml.safe_load(open("out"))))' >raw
}
kubernetes() { # ARG...
	deploy kubernetes "$@"
	"$python" "$top/tests/cli/deploy/check.py" out >json &&
		"$python" "$top/tests/cli/deploy/models.py" out
}
is() { # JQ-EXPRESSION: true of json
	jq -e "$1" json >/dev/null || { jq . json; return 1; }
}
export -f deploy refused compose kubernetes is

# --- Compose ------------------------------------------------------------------
t "Compose takes the least of an application" 'compose small
	is ".services.hello | .image == \"hello:latest\" and .read_only and
		.cap_drop == [\"ALL\"] and .stop_grace_period == \"10s\" and
		(has(\"ports\") or has(\"devices\") or has(\"volumes\") | not)"'
t "and all of another" 'compose full
	is ".services.hello | .image == \"shop/web:1.2\" and
		(.ports | length) == 3 and .stop_signal == \"SIGINT\" and
		.stop_grace_period == \"25s\" and .hostname == \"web\" and
		.healthcheck.retries == 4 and .healthcheck.timeout == \"3s\" and
		.healthcheck.test[2:] == [\"http\", \"80\", \"/up?a=\$\$b\"]"
	is ".volumes | length == 2"
	jq -e ".services.hello.mem_limit == (32 + 64) * 1024 * 1024" raw
	jq -e ".services.hello.healthcheck.interval == \"1500ms\"" raw'
t "a command that runs in the machine" 'compose exec
	is ".services.hello.healthcheck |
		.test == [\"CMD\", \"/slipway/health\", \"exec\"] and
		.timeout == \"4s\""
	kubernetes exec
	is ".[0].spec.template.spec.containers[0].readinessProbe |
		.exec.command == [\"/slipway/health\", \"exec\"] and
		.timeoutSeconds == 4"
	refused 1 "with urunc nobody runs a command" \
		kubernetes --engine urunc exec'
t "every character of the environment arrives" 'compose full
	is ".services.hello.environment == {A: \"on\", B: \"1e3\", D: \"\",
		C: \"a \\\"b\\\" \\\\ \$\$HOME \$\${X} \$\$(Y) #: é\"}"'
t "--takeover and --kvm" 'compose full --takeover --kvm
	is ".services.hello | .cap_add == [\"NET_ADMIN\"] and
		(.devices | length) == 2"'
t "a name that YAML would take for a number" 'mkdir -p n && cp small/main.c n
	sed "s/\"hello\"/\"1e3\"/" small/slipway.json >n/slipway.json
	compose n && is ".services | keys == [\"1e3\"]"'
t "--tag is the image" 'compose small --tag localhost:5000/a:b
	is ".services.hello.image == \"localhost:5000/a:b\""'

# --- Kubernetes ----------------------------------------------------------------
t "a Deployment alone" 'kubernetes small
	is "length == 1 and .[0].kind == \"Deployment\""'
t "a Deployment with a Service and claims" 'kubernetes full
	is "[.[].kind] == [\"Deployment\", \"Service\",
		\"PersistentVolumeClaim\", \"PersistentVolumeClaim\"]"
	is ".[0].spec.template.spec | .terminationGracePeriodSeconds == 25 and
		(.containers[0] | .resources.limits.memory == 96 * 1024 * 1024 and
		.readinessProbe.exec.command[0] == \"/slipway/health\" and
		.readinessProbe.periodSeconds == 2 and
		.volumeMounts[1].mountPath == \"/srv/x y\")"
	is "[.[1].spec.ports[] | \"\(.port)/\(.protocol)\"] ==
		[\"80/TCP\", \"53/UDP\", \"53/TCP\"]"'
t "every character of its environment" 'kubernetes full
	is "[.[0].spec.template.spec.containers[0].env[] | .value] == [\"on\",
		\"1e3\", \"a \\\"b\\\" \\\\ \$\$HOME \$\${X} \$\$(Y) #: é\", \"\"]"'
t "no rights but those that were asked for" 'kubernetes net
	is ".[0].spec.template.spec.containers[0].securityContext |
		.capabilities == {drop: [\"ALL\"]} and
		.allowPrivilegeEscalation == false"
	kubernetes net --takeover
	is ".[0].spec.template.spec.containers[0].securityContext.capabilities ==
		{drop: [\"ALL\"], add: [\"NET_ADMIN\"]}"
	kubernetes net --kvm
	is ".[0].spec.template.spec.containers[0].securityContext.privileged"'
t "a name becomes one of Kubernetes" 'kubernetes net
	is ".[0].metadata.name == \"a-b-c\""'
t "urunc is a runtime class; the engine tests the port" '
	kubernetes net --engine urunc
	is ".[0].spec.template.spec | .runtimeClassName == \"urunc\" and
		.containers[0].readinessProbe.tcpSocket.port == 80 and
		.containers[0].resources.limits.memory == 64 * 1024 * 1024"'
t "KubeVirt: a machine with the image as its disk" '
	kubernetes net --engine kubevirt --tag a/b:c
	is "[.[].kind] == [\"VirtualMachine\", \"Service\"]"
	is ".[0].spec.template.spec | .domain.memory.guest == 64 * 1024 * 1024 and
		.volumes[0].containerDisk.image == \"a/b:c\""'
t "the models refuse what Kubernetes would" '
	deploy kubernetes full && cp out good
	"$python" "$top/tests/cli/deploy/models.py" good
	for i in s/image:/imag:/ s/replicas:.*/"replicas: x"/ "/ port: /d"; do
		sed "$i" good >bad && ! cmp -s good bad
		! "$python" "$top/tests/cli/deploy/models.py" bad 2>why
		grep -E "has no key|is not of type|must not be" why
	done'
t "every template" 'for i in "$top"/templates/*/slipway.json; do
		kubernetes "$i" && compose "$i"
	done'

# --- the command ----------------------------------------------------------------
t "a file" 'deploy compose small && cp out want
	deploy compose small -o file.yaml && cmp want file.yaml && [ ! -s out ]'
t "in the current folder; options behind the manifest" 'cd small
	deploy compose && cp out want && cd .. && deploy compose small --kvm &&
	deploy --tag hello compose small && cmp out small/want'
t "the same text twice" 'deploy kubernetes full && cp out want
	LC_ALL=C TZ=Asia/Tokyo deploy kubernetes full && cmp out want'
t "refusals" '
	refused 2 "compose or kubernetes"
	refused 2 "unknown kind .compos., did you mean compose" compos
	refused 2 "unknown engine .kubvirt., did you mean kubevirt" \
		kubernetes --engine kubvirt
	refused 2 "engine goes with kubernetes" compose --engine urunc small
	refused 2 "not an image name" compose --tag "A B" small
	refused 2 "more than one manifest" compose small full
	refused 2 "cannot be read" compose nothing-here
	refused 2 "not a target" compose --target x small
	refused 1 "volume /data: with kubevirt" kubernetes --engine kubevirt full
	refused 1 "urunc gives the machine" kubernetes --engine urunc net --kvm
	refused 1 "No such file" compose small -o no/where'
echo "1..$n"
