# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# Whether what was built can be explained: `. tests/explain.sh`. Each function
# prints what is wrong. SLIPWAY as in `make check`; needs jq.

# The components of a file, and of what is in it, sum to its size exactly.
explain_total() { # FILE...
	for f in "$@"; do
		"$SLIPWAY" inspect --json --size "$f" >"$f.sizes" || return
		jq -r --argjson size "$(stat -c %s "$f")" '
			def sum: [.components[].bytes] | add;
			select(.size != $size or sum != $size or
				([.contents[]?, (.kernel // empty | .content)] |
				any(.size != sum))) | "does not sum"
			' "$f.sizes" | sed "s|^|$f: |"
	done
}

# So they do in a kernel of keel, by the record of its link.
explain_sums() { # FILE...
	explain_total "$@"
	for f in "$@"; do
		grep -q '"record of the link"' "$f.sizes" ||
			echo "$f: the record is not used"
		rm -f "$f.sizes"
	done
}

# A chain of references leads from _start through main to a name.
explain_why() { # FILE NAME
	"$SLIPWAY" inspect --json --why "$2" "$1" | jq -r --arg name "$2" '
		[.chain[].symbol] | select(.[0] != "_start" or
			index("main") == null or
			(.[-1] | ltrimstr("keel_sys_")) != $name) |
			"why \($name): \(join(" "))"'
}

# The calls that are linked are these, at least, with these statuses.
explain_calls() { # FILE NAME:STATUS...
	file=$1
	shift
	"$SLIPWAY" inspect --json --syscalls "$file" |
		jq -r '.[] | "\(.name):\(.status)"' >"$file.calls"
	for call in "$@"; do
		grep -qx "$call" "$file.calls" || echo "no $call in $file"
	done
	rm -f "$file.calls"
}

# What is told of a program that keel cannot give all that it asks for.
explain_check() { # FILE NAME-OF-AN-ERROR...
	file=$1
	shift
	"$SLIPWAY" check --json "$file" >"$file.check"
	[ $? = 1 ] || echo "slipway check: not status 1"
	for name in "$@"; do
		jq -e --arg name "$name" 'any(.level == "error" and
			.name == $name)' "$file.check" >/dev/null ||
			echo "slipway check does not tell of $name"
	done
	rm -f "$file.check"
}

# The bill of an image (its files in FOLDER) is right, names these source
# packages as linked into the application, and its provenance is right, too.
explain_bill() { # FOLDER SOURCE-PACKAGE...
	folder=$1
	shift
	# The interpreter that has the packages of `make deps`.
	for python in python3 /usr/bin/python3; do
		$python -c 'import jsonschema, license_expression' \
			2>/dev/null && break
	done
	for kind in sbom provenance; do
		"$SLIPWAY" inspect --$kind "$folder" >"$folder.$kind" || return
		# shellcheck disable=SC2046 # the folder is for one of them
		"$python" tests/cli/sbom/check.py $kind "$folder.$kind" \
			$([ $kind = provenance ] || echo "$folder") || echo $kind
	done
	for name in "$@"; do
		jq -e --arg name "$name" '(.packages[] | select(.name == $name and
			(.versionInfo | length) > 0 and
			.licenseDeclared != "NOASSERTION").SPDXID) as $id |
			any(.relationships[]; .relatedSpdxElement == $id)' \
			"$folder.sbom" >/dev/null || echo "$name is not listed"
	done
}
