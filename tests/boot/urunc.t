#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The command lines with which urunc starts kernels, replayed: the image
# boots with its address, its arguments and its environment. There is no KVM
# here, so that "-cpu host -enable-kvm" is left out; a network of QEMU's own
# stands in for the tap device.
# shellcheck disable=SC2016 # the shell of each case expands
. tests/cli/build-lib.sh
project app '"args": ["built", "in"], "env": {"BUILT": "in"},
	"files": [{"from": "file", "to": "/etc/of-the-image"}],
	"workdir": "/work", "hostname": "own"'
cp "$top/tests/boot/urunc-program.c" app/main.c
echo "file of the image" >app/file
project text '"args": ["built", "in"]'
cp "$top/templates/hello/main.c" text/main.c
if ! "$SLIPWAY" build -q app --runner none --output type=rootfs,dest=image ||
	! "$SLIPWAY" build -q text --output type=kernel,dest=text.elf; then
	echo "Bail out! the programs cannot be built"
	exit 1
fi
of_json() { # KEY: of urunc.json, as urunc reads it
	jq -r ".[\"com.urunc.unikernel.$1\"] | @base64d" image/urunc.json
}
export -f of_json

# What urunc runs for the type "linux" on the hypervisor "qemu".
start() { # APPEND QEMU-OPTION...
	local append=$1
	shift
	timeout 90 qemu-system-x86_64 -m 64M -accel tcg -nographic -vga none \
		-smp 1 -kernel "image$(of_json binary)" \
		-net nic,model=virtio,macaddr=52:54:00:12:34:56 \
		-net "user,restrict=on,guestfwd=tcp:10.0.2.100:80-cmd:echo hello" \
		-no-reboot -nodefaults -serial stdio -monitor none "$@" \
		-append "$append" </dev/null >raw 2>err || cat err
	tr -d '\r' <raw | sed 's/^.*Booting from ROM\.*//' >shown
}
has() { # LINE...
	local l

	for l; do
		grep -qxF -- "$l" shown && continue
		echo "not there: $l"
		cat shown
		return 1
	done
}
lacks() { # PATTERN
	! grep -E -- "$1" shown
}
block="-device virtio-blk-pci,id=blk0,drive=hd0
	-drive format=raw,if=none,id=hd0,snapshot=on,file=image$(of_json block)"
linux="panic=-1 console=ttyS0"
ip=ip=10.0.2.15::10.0.2.2:255.255.255.0:urunc:eth0:off
export -f start has lacks
export block linux ip

t "arguments, environment and address of the container" '
	start "$linux $ip PATH=/bin A=b=c init=/app -- -x '"'two words'"' it'"'"'s"
	has "arg 0 [/app]" "arg 1 [-x]" "arg 2 [two words]" "arg 3 [it'"'"'s]" \
		"env [PATH=/bin]" "env [A=b=c]" "in /work" \
		"eth0 10.0.2.15 255.255.255.0"
	lacks "built|BUILT|env .(panic|console|ip|init)|arg 4"'
t "the disk of the image is its root" '
	start "$linux root=/dev/vda rw $ip init=/app -- x" $block
	has "arg 1 [x]" "file of the image"'
t "a command without arguments has none" 'start "$linux $ip init=/app -- "
	has "arg 0 [/app]" && lacks "arg 1"'
t "no command: what the manifest says" 'start "$linux $ip"
	has "arg 1 [built]" "arg 2 [in]" "env [BUILT=in]" \
		"eth0 10.0.2.15 255.255.255.0"'
t "the launcher as entry point is not the program" '
	start "$linux init=/slipway/launch -- x"
	has "arg 0 [hello]" "arg 1 [x]"'
t "through the gateway" '
	start "$linux $ip PEER=10.0.2.100:80 init=/app -- x"
	has "reply hello"'
t "a gateway outside of the network" '
	start "$linux ip=10.7.0.5::10.0.2.2:255.255.0.0:urunc:eth0:off URUNIT_DEFROUTE=1 PEER=10.0.2.100:80 init=/app -- x"
	has "eth0 10.7.0.5 255.255.0.0" "reply hello"
	grep "^eth0.0202000A.00000000.*FFFFFFFF" shown
	grep "^eth0.00000000.0202000A" shown && lacks "env .URUNIT"'
t "ip=dhcp" 'start "$linux ip=dhcp init=/app -- x"
	has "eth0 10.0.2.15 255.255.255.0"'
conf() { # USER: the initrd of urunit's configuration
	printf 'UES\nPATH=/x y\nB=c d\nUEE\nUCS\nUID:%s\nGID:0\n' "$1"
	printf 'WD:/some/dir\nUCE\nUBS\nID:blk0\nMP:/\nID:b1\nMP:/data\nUBE\n'
}
export -f conf
u="retain_initrd URUNIT_CONFIG=/sys/firmware/initrd"
export u
t "environment and folder in an initrd for urunit" 'conf 0 >initrd
	start "$linux $ip $u init=/urunit -- /app '"'a b'"' c" -initrd initrd
	has "arg 0 [/app]" "arg 1 [a b]" "arg 2 [c]" "env [PATH=/x y]" \
		"env [B=c d]" "in /some/dir" "eth0 10.0.2.15 255.255.255.0" \
		"keel: MP:/data: not mounted, keel has no such file system"
	lacks "arg 3|env .URUNIT|UID:|MP:/:"'
t "another user is not pretended" 'conf 1000 >initrd
	start "$linux $u init=/urunit -- /app" -initrd initrd
	has "keel: UID:1000: programs run as user and group 0" "arg 0 [/app]"'
t "an initrd that is none of it" 'head -c 5000 /dev/zero >initrd
	start "$linux init=/app -- x" -initrd initrd && has "arg 1 [x]" "in /work"'
t "a cut configuration" 'conf 0 | head -c 18 >initrd
	start "$linux $u init=/urunit -- /app" -initrd initrd
	has "arg 0 [/app]" "env [PATH=/x y]" "env [B=c ]"'
t "a long command line" '
	long=$(head -c 1500 /dev/zero | tr "\0" a)
	start "$linux $ip $(printf "V%d=1 " $(seq 80)) init=/app -- $(seq -s " " 200) $long"
	has "arg 200 [200]" "arg 201 [$long]" "env [V80=1]"'
t "odd words do no harm" '
	start "$linux ip= ip=:::::::: ip=1.2.3.4 =x . -- '"'"' '"''"' init=/no" &&
	has "arg 1 [built]"
	start "ip=999.1.2.3::x:y:z init= -- '"'a"'" && has "arg 0 ['"'a"']"'
t "a program without files and sockets gets arguments, too" '
	timeout 90 qemu-system-x86_64 -m 64 -accel tcg -nographic -vga none \
		-kernel text.elf -no-reboot -nodefaults -serial stdio \
		-monitor none -append "$linux init=/hello -- one '"'2 3'"'" \
		</dev/null >shown 2>&1
	grep "argument 1: one" shown && grep "argument 2: 2 3" shown'
t "microvm, with devices as Firecracker names them" '
	timeout 90 qemu-system-x86_64 -M microvm,acpi=off -m 64 -accel tcg \
		-nographic -kernel image/.boot/kernel -no-reboot -nodefaults \
		-serial stdio -monitor none -netdev user,id=n,restrict=on \
		-device virtio-net-device,netdev=n \
		-append "$linux $ip A=b init=/app -- one" </dev/null >raw 2>&1
	tr -d "\r" <raw >shown
	has "arg 0 [/app]" "arg 1 [one]" "eth0 10.0.2.15 255.255.255.0"
	lacks "arg 2"'
echo "1..$n"
