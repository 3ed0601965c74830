# SPDX-License-Identifier: Apache-2.0
# Completion for bash; the words come from the program's own help.
# shellcheck shell=bash
_slipway() {
	local word=${COMP_WORDS[COMP_CWORD]} words='' i command=''
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-*) ;;
		*)
			command=${COMP_WORDS[i]}
			break
			;;
		esac
	done
	if [ -z "$command" ]; then
		words=$(slipway --help 2>/dev/null |
			sed -n 's/^  \([a-z]*\) .*/\1/p')
		words="$words --help --version"
	else
		case $command:${COMP_WORDS[COMP_CWORD - 1]} in
		init:-t | init:--template)
			words=$(slipway init --list 2>/dev/null)
			;;
		build:--target | run:--target)
			words=$(slipway targets 2>/dev/null |
				sed '1d; s/ .*//')
			;;
		*:-o)
			;;
		*)
			[[ $word == -* ]] &&
				words=$(slipway "$command" --help 2>/dev/null |
					grep -oE -- '--[a-z][a-z-]*' | sort -u)
			;;
		esac
	fi
	# An empty answer leaves file names to the shell's default.
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -o default -F _slipway slipway
