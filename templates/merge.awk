# SPDX-License-Identifier: Apache-2.0
# A manifest of a template that stands on another's: awk -f merge.awk BASE PART
# prints BASE with the keys of PART in place of its own, in their order, and
# those that it has not at the end. Both have one key a line at the top, after
# one tab, as all manifests of templates do.
function flush_key(	text) {
	if (key == "")
		return
	text = value
	sub(/,?\n$/, "", text)
	if (part) {
		others[key] = text
		if (!(key in known))
			added[++nadded] = key
	} else {
		known[key] = 1
		keys[++nkeys] = key
		values[key] = text
	}
	key = value = ""
}

FNR == 1 && NR > 1 { flush_key(); part = 1 }
/^\t"[^"]+":/ {
	flush_key()
	key = $0
	sub(/^\t"/, "", key)
	sub(/".*/, "", key)
}
/^}/ { flush_key() }
key != "" { value = value $0 "\n" }

END {
	flush_key()
	for (i = 1; i <= nadded; i++)
		keys[++nkeys] = added[i]
	print "{"
	for (i = 1; i <= nkeys; i++) {
		key = keys[i]
		printf "%s%s\n", key in others ? others[key] : values[key],
			i < nkeys ? "," : ""
	}
	print "}"
}
