# SPDX-License-Identifier: Apache-2.0
# Completion for fish; the words come from the program: slipway complete.
function __slipway_complete
	set -l before (commandline -opc)
	set -l typed (commandline -ct)
	for line in (command $before[1] complete $before[2..-1] "$typed" 2>/dev/null)
		if test "$line" = :files
			__fish_complete_path "$typed"
		else
			echo $line
		end
	end
end
complete -c slipway -f -a '(__slipway_complete)'
