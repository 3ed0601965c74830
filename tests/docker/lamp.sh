# shellcheck shell=sh disable=SC2154
# SPDX-License-Identifier: Apache-2.0
# A client of the template lamp, as a browser is one: `. tests/docker/lamp.sh`.
# In the environment: $site, its address; $dir, a folder for cookies and
# answers. Each says what is wrong, or nothing.
lamp_name=Ada
lamp_password='correct horse'

# Waits until COMMAND succeeds: machines start slowly where others run.
lamp_soon() { # SECONDS COMMAND...
	lamp_end=$(($(date +%s) + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		if [ "$(date +%s)" -ge $lamp_end ]; then
			echo "not in time: $*"
			return 1
		fi
		sleep 0.3
	done
}

# What a reader of the page sees.
lamp_text() { # LINES
	[ ! -f "$dir/page" ] || sed 's/<[^>]*>//g' "$dir/page" |
		grep '[^[:space:]]' | head -n "$1"
}

# One request with the cookies; answer in $dir/page and $dir/headers.
lamp_request() { # STATUS PATH OPTION...
	lamp_want=$1 lamp_path=$2
	shift 2
	rm -f "$dir/page"
	lamp_got=$(curl -sS -m 150 -b "$dir/jar" -c "$dir/jar" -H 'Expect:' \
		-o "$dir/page" -D "$dir/headers" -w '%{http_code}' \
		"$@" "$site$lamp_path" 2>&1)
	[ "$lamp_got" = "$lamp_want" ] && return
	echo "$lamp_path: $lamp_got, not $lamp_want"
	lamp_text 12
	return 1
}

# What a form of the page PATH must bring back.
lamp_token() { # PATH
	lamp_request 200 "$1" || return
	token=$(sed -n 's/.*name="token" value="\([0-9a-f]*\)".*/\1/p' \
		"$dir/page" | head -n 1)
	[ -n "$token" ] || echo "$1: no form with a token"
}
lamp_has() { # TEXT
	grep -qF -- "$1" "$dir/page" || {
		echo "not in the page: $1"
		lamp_text 20
	}
}

lamp_install() {
	rm -f "$dir/jar"
	lamp_token /install &&
		lamp_request 303 /install -d "token=$token" \
			-d "name=$lamp_name" --data-urlencode \
			"password=$lamp_password" && lamp_request 200 / &&
		lamp_has "Nothing has been written yet."
}
lamp_login() { # PASSWORD STATUS: without a cookie of before
	rm -f "$dir/jar"
	lamp_token /login && lamp_request "$2" /login -d "token=$token" \
		-d "name=$lamp_name" --data-urlencode "password=$1"
}
lamp_write() { # TITLE TEXT [PICTURE]: its path in $post
	post=
	lamp_token /write || return
	lamp_request 303 /write -F "token=$token" --form-string "title=$1" \
		--form-string "body=$2" \
		${3:+-F "picture=@$3;type=text/plain"} || return
	post=$(tr -d '\r' <"$dir/headers" | sed -n 's/^Location: //p')
	lamp_request 200 "$post" && lamp_has "The entry is in the log."
}
# The picture of the entry at PATH is FILE, byte for byte.
lamp_picture() { # PATH FILE
	lamp_request 200 "$1" || return
	picture=$(sed -n 's,.*src="\(/uploads/[^"]*\)".*,\1,p' "$dir/page")
	lamp_request 200 "$picture" && cmp "$dir/page" "$2"
}
