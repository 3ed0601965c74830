#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The template lamp under a stock engine: three virtual machines by Compose, and
# a client that uses the site as people do. `make lamp-test` runs only this.
# The browser's picture of the site is left in $B/lamp.png.
# shellcheck disable=SC2015,SC2030,SC2031
set -u
# shellcheck source=tests/docker/begin.sh
. tests/docker/begin.sh
# shellcheck source=tests/server/server.sh
. tests/server/server.sh
# shellcheck source=tests/explain.sh
. tests/explain.sh
# shellcheck source=tests/docker/lamp.sh
. tests/docker/lamp.sh
command -v docker-compose >/dev/null || {
	echo "1..0 # skip docker-compose is not installed"
	exit 0
}
project=$server_dir/lamp

# --- the images -----------------------------------------------------------------
# The manifests are the template's. The programs are built where the other tests
# of these servers have built them.
image() { # SERVICE TEMPLATE
	server_project "$2" "$server_dir/$2" . &&
		jq --arg name "$2" --arg from "$project/" '.name = $name |
			.files |= map(if .from then .from = $from + .from
				else . end)' "$project/$1.json" \
			>"$server_dir/$2/lamp.json" &&
		timeout 1800 "$SLIPWAY" build -q "$server_dir/$2/lamp.json" \
			--tag "lamp-$1" -o "$dir/$1.tar" 2>"$dir/log"
}
rm -rf "$project"
"$SLIPWAY" init -q --template lamp "$project" 2>"$dir/log" ||
	bail "slipway init: $(cat "$dir/log")"
image web nginx || bail "web: $(tail -n 30 "$dir/log")"
image php php || bail "php: $(tail -n 30 "$dir/log")"
image db mariadb || bail "db: $(tail -n 30 "$dir/log")"
tests/docker/lamp-picture.py draw "$dir/ship.png" || bail "no picture"

engine_begin
report "every byte of the three images has an owner" "$(
	explain_sums "$dir/web.tar" "$dir/php.tar"
	explain_total "$dir/db.tar"
)"
rm -f "$dir"/*.sizes
for s in web php db; do
	docker load -q -i "$dir/$s.tar" >"$dir/log" 2>&1 ||
		bail "docker load: $(cat "$dir/log")"
	rm "$dir/$s.tar"
done

# --- Compose ---------------------------------------------------------------------
export WEB_PORT=127.0.0.1:
name=lamp
files="-f $project/compose.yaml"
compose() {
	# shellcheck disable=SC2086 # options are many words
	timeout 900 docker-compose --no-ansi -p $name $files "$@" \
		>"$dir/log" 2>&1 || {
		cat "$dir/log"
		for c in $(ids); do docker logs --tail 8 "$c"; done 2>&1
	}
}
ids() { # [SERVICE]
	docker ps -aq --filter "label=com.docker.compose.project=$name" \
		${1:+--filter "label=com.docker.compose.service=$1"}
}
healthy() { # SERVICE COUNT: so many are, and no other is there
	# shellcheck disable=SC2046
	got=$(docker inspect -f '{{.State.Health.Status}}' $(ids "$1"))
	[ "$(echo "$got" | grep -cx healthy)" = "$2" ] &&
		[ "$(echo "$got" | wc -l)" = "$2" ]
}
site_of() { # CONTAINER
	echo "http://$(docker port "$1" 80 | head -n 1)"
}
up() { # COUNT-OF-WEB OPTION...
	count=$1
	shift
	compose up -d "$@"
	lamp_soon 600 healthy web "$count" || {
		docker ps -a
		for c in $(ids); do docker logs --tail 20 "$c"; done
	} 2>&1
	site=$(site_of "$(ids web | head -n 1)")
}
# Each container's end: status and time from the signal, by the engine's events.
ends() {
	since=$(date +%s)
	compose stop
	docker events --since "$since" --until "$(($(date +%s) + 1))" \
		--filter event=kill --filter event=die --format \
		'{{.TimeNano}} {{.Action}} {{.Actor.Attributes.name}} {{.Actor.Attributes.exitCode}}' \
		>"$dir/events"
	awk '
	$2 == "kill" && !($3 in began) { began[$3] = $1 }
	$2 == "die" {
		s = ($1 - began[$3]) / 1e9
		printf "%s: status %s, %.1f s\n", $3, $4, s
		bad += $4 != 0 || s > 5
		n++
	}
	END { exit bad || n != '"$1"' }' "$dir/events" >"$dir/ends" ||
		cat "$dir/ends" "$dir/log"
}
started=$(date +%s)
took() { # WHAT: for who reads the log
	echo "# $1: $(($(date +%s) - started)) s"
	started=$(date +%s)
}

report "compose up: the database, then PHP, then the web server" "$(up 1)"
site=$(site_of "$(ids web)")
took "from nothing to a site that answers"
report "only the web server has a port outside" "$(
	for s in php db; do docker port "$(ids $s)"; done
)"

# --- people ----------------------------------------------------------------------
report "what cannot be found is told" "$(
	lamp_request 404 /nothing && lamp_has "There is no such page." &&
		lamp_request 404 /uploads/
)"
report "before it is installed every page leads to that" "$(
	lamp_request 303 / && lamp_request 303 /post/1 && lamp_request 303 /login &&
		grep -q '^Location: /install' "$dir/headers" || cat "$dir/headers"
)"
report "install: the schema and the first account" "$(lamp_install)"
report "it can be installed once" "$(lamp_request 404 /install)"
report "the cookie is not for scripts, nor for other sites" "$(
	curl -sS -D "$dir/headers" -o "$dir/page" "$site/login"
	grep -i '^set-cookie: logbook=.*httponly.*samesite=lax' \
		"$dir/headers" >/dev/null || cat "$dir/headers"
)"
report "a wrong password is refused" "$(
	lamp_login wrong 403 && lamp_has "No account has this name and password."
)"
report "log in" "$(lamp_login "$lamp_password" 303 &&
	lamp_request 200 / && lamp_has "Welcome aboard, $lamp_name.")"
report "what a form of another site sends is refused" "$(
	lamp_request 403 /write -F title=x -F body=y &&
		lamp_request 403 /write -F token=1234 -F title=x -F body=y &&
		lamp_request 200 / && lamp_has "0 entries"
)"
report "post, with a picture of 3 MB" "$(
	lamp_write "Fair wind from the south-west" "We left the slipway at dawn, \
and the hull answered at once.

All sails set, eight knots by noon." "$dir/ship.png"
	echo "$post" >"$dir/post"
)"
ship=$(cat "$dir/post")
report "which is there byte for byte" "$(lamp_picture "$ship" "$dir/ship.png")"
report "text is text, whatever is in it" "$(
	lamp_write "A <b>bold</b> captain & crew" "<script>alert(1)</script> 100%"
	lamp_has "A &lt;b&gt;bold&lt;/b&gt; captain &amp; crew" &&
		lamp_has "&lt;script&gt;alert(1)&lt;/script&gt;"
)"
report "change and delete" "$(
	lamp_write "To be changed" "before"
	lamp_token "$post/edit" && lamp_request 303 "$post/edit" \
		-F "token=$token" -F "title=Changed" -F "body=after" &&
		lamp_request 200 "$post" && lamp_has "<p>after</p>" &&
		lamp_token "$post" && lamp_request 303 "$post/delete" \
		-d "token=$token" && lamp_request 404 "$post"
)"
report "search finds what has all words, and signs as they are" "$(
	lamp_request 200 "/?q=KNOTS+slipway" && lamp_has "1 entry" &&
		lamp_has "Fair wind from the south-west" &&
		lamp_request 200 "/?q=100%25" && lamp_has "1 entry" &&
		lamp_request 200 "/?q=1%25%250" &&
		lamp_has "No entry has all of these words."
)"
report "a picture is one by its content; 8 MB are the limit" "$(
	head -c 100000 /dev/zero >"$dir/zeros"
	head -c 9900000 /dev/zero >"$dir/large"
	lamp_token /write &&
		lamp_request 422 /write -F "token=$token" -F title=x -F body=y \
			-F "picture=@$dir/zeros;type=image/png;filename=a.png" &&
		lamp_request 413 /write -F "token=$token" -F title=x \
			-F body=y -F "picture=@$dir/large" &&
		lamp_request 200 / && lamp_has "2 entries"
	rm "$dir/large"
)"
report "pages of six" "$(
	for i in 1 2 3 4 5; do lamp_write "Day $i" "Nothing to report."; done
	lamp_request 200 / && lamp_has "Page 1 of 2" &&
		lamp_request 200 "/?page=2" && lamp_has "Fair wind"
)"
took "using it"

# --- a browser ---------------------------------------------------------------------
browser() { # ARG...
	timeout 240 chromium --headless --no-sandbox --disable-gpu \
		--disable-quic --no-first-run --disable-background-networking \
		--disable-component-update --disable-sync \
		--disable-dev-shm-usage --hide-scrollbars \
		--user-data-dir="$dir/chromium" --window-size=1100,900 "$@" \
		2>"$dir/log"
}
if ! command -v chromium >/dev/null; then
	report "# skip chromium is not installed" ""
else
	report "a browser shows the entry" "$(
		browser --dump-dom "$site$ship" >"$dir/page"
		lamp_has "<h1>Fair wind from the south-west</h1>" &&
			grep -q '<img class="picture" src="/uploads/' \
				"$dir/page" || cat "$dir/log"
	)"
	report "with its picture" "$(
		browser --screenshot="$dir/lamp.png" "$site$ship"
		tests/docker/lamp-picture.py seen "$dir/lamp.png" &&
			cp "$dir/lamp.png" "$B/lamp.png" || cat "$dir/log"
	)"
	took "the browser"
fi

# --- the end, and again ---------------------------------------------------------------
still_there() {
	lamp_request 200 "/?page=2" && lamp_has "Fair wind" &&
		lamp_has "Log out" && lamp_picture "$ship" "$dir/ship.png"
}
report "compose stop: all end with status 0 within 5 s" "$(ends 3)"
sed 's/^/# /' "$dir/ends"
report "compose up again" "$(up 1)"
site=$(site_of "$(ids web)")
report "entries, picture and session are there" "$(still_there)"
took "stop and start"

# --- two of each ----------------------------------------------------------------------
# Pages come from both instances of PHP, whichever web server one asks.
both_answer() {
	: >"$dir/by"
	for _ in $(seq 50); do
		for w in $(ids web); do
			site=$(site_of "$w")
			lamp_request 200 / || return
			lamp_has "Log out"
			sed -n 's/^X-Served-By: //p' "$dir/headers" >>"$dir/by"
		done
		[ "$(sort -u "$dir/by" | wc -l)" -lt 2 ] || return 0
	done
	echo "all from:"
	sort "$dir/by" | uniq -c
}
report "two web servers and two of PHP on one database" "$(
	up 2 --scale web=2 --scale php=2
	lamp_soon 300 healthy php 2
)"
report "both answer, and know who is logged in" "$(both_answer)"
site=$(site_of "$(ids web | head -n 1)")
report "one of PHP goes: the site stays" "$(
	docker stop "$(ids php | head -n 1)" >/dev/null
	for _ in 1 2 3; do still_there; done
)"
compose down >/dev/null
report "another site with two of each, the databases apart" "$(
	name=twice
	files="$files -f $project/scale.yaml"
	compose up -d --scale db=2 db
	lamp_soon 600 healthy db 2
	DB_HOST=$(ids db | head -n 1 | cut -c 1-12)
	export DB_HOST
	up 2 --scale web=2 --scale php=2 --scale db=2
	lamp_soon 300 healthy php 2 && healthy db 2 || docker ps -a
	lamp_install && both_answer
)"
name=twice
files="$files -f $project/scale.yaml"
report "these six end with status 0 within 5 s" "$(ends 6)"
sed 's/^/# /' "$dir/ends"
report "none was ever started again by the engine" "$(
	for c in $(docker ps -aq); do
		docker inspect -f '{{.RestartCount}} {{.Name}}' "$c" |
			grep -v '^0 ' && docker logs --tail 30 "$c" 2>&1
	done
)"
took "two of each"
compose down -v >/dev/null
echo "1..$n"
