# SPDX-License-Identifier: Apache-2.0
# Completion for bash; the words come from the program: slipway complete.
# shellcheck shell=bash
_slipway() {
	local line=${COMP_LINE:0:COMP_POINT} word reply cut
	local -a words
	COMPREPLY=()
	# Not COMP_WORDS, which are cut at "=" and ":".
	read -ra words <<<"$line"
	[[ $line == *[[:space:]] ]] && words+=('')
	word=${words[-1]}
	# The shell replaces what is behind the last of them only.
	cut=${word%"${word##*[=:]}"}
	while IFS=$'\t' read -r reply _; do
		# An empty answer leaves file names to the shell's default.
		[ "$reply" = :files ] && continue
		reply=${reply#"$cut"}
		[[ $reply == *= ]] && compopt -o nospace
		COMPREPLY+=("$reply")
	done < <("${words[0]}" complete "${words[@]:1}" 2>/dev/null)
}
complete -o default -F _slipway slipway
