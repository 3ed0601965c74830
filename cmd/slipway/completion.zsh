#compdef slipway
# SPDX-License-Identifier: Apache-2.0
# Completion for zsh; the words come from the program: slipway complete.
_slipway() {
	local line
	local -a replies shown
	for line in "${(@f)$(${(Q)words[1]} complete \
		"${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
		case $line in
		'') ;;
		:files) _files ;;
		*)
			replies+=("${line%%$'\t'*}")
			shown+=("${line/$'\t'/  }")
			;;
		esac
	done
	(( $#replies )) && compadd -l -d shown -a -- replies
}
_slipway "$@"
