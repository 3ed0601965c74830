#!/bin/sh
# shellcheck disable=SC2317 # functions are called by way of `is`
# SPDX-License-Identifier: Apache-2.0
# The disk boots by BIOS and UEFI on every machine it is made for, and
# other people's tools find nothing wrong with it.
set -u
. tests/boot/disk.sh
start

boots() { # NAME PATTERN QEMU-OPTION...
	name=$1
	want=$2
	shift 2
	out=$(run_qemu "$@")
	case $out in
	*"$want"*) ok "$name" ;;
	*) not_ok "$name" "$out" ;;
	esac
}
virtio() { # FORMAT FILE
	echo "-drive if=none,id=d,format=$1,file=$2,snapshot=on \
-device virtio-blk-pci,drive=d,bootindex=0"
}

make_disk stub.img stub
make_disk probe.img probe
head -c 3000000 /dev/zero | cat "$k/probe" - >"$w/large"
make_disk large.img "$w/large"
make_disk fat32.img probe fat32
make_disk none.img probe none
"$artifact" rootfs "$w/root.erofs" /etc/passwd:/etc/passwd:0644:0:0 ||
	bail "cannot make a root filesystem"
make_disk root.img probe small "$w/root.erofs"
"$artifact" convert "$w/probe.img" qcow2 "$w/probe.qcow2" ||
	bail "cannot convert"

good="probe: info low entries=0x7 ram_mib=0x3f sorted rsdp bss data state"
uefi_good="sorted rsdp bss data state"
# shellcheck disable=SC2046 # lists of options
{
	boots "BIOS on pc, virtio-blk" "$good" -M pc $(virtio raw "$w/probe.img")
	boots "BIOS on q35, virtio-blk" "sorted rsdp bss data state" \
		-M q35 $(virtio raw "$w/probe.img")
	boots "BIOS on pc, an IDE disk" "$good" -M pc \
		-drive "if=ide,format=raw,file=$w/probe.img,snapshot=on"
	boots "BIOS on q35, an AHCI disk" "$uefi_good" -M q35 \
		-drive "if=ide,format=raw,file=$w/probe.img,snapshot=on"
	boots "BIOS, qcow2" "$good" -M pc $(virtio qcow2 "$w/probe.qcow2")
	boots "BIOS, a kernel of 3 MB" "$good" -M pc $(virtio raw "$w/large.img")
	boots "BIOS, with a root partition" "$good" -M pc \
		$(virtio raw "$w/root.img")
	boots "BIOS, no ESP" "$good" -M pc $(virtio raw "$w/none.img")
	boots "BIOS, 2 MiB of memory" "stub" -M pc -m 2 \
		$(virtio raw "$w/stub.img")
	boots "BIOS, 3 GiB of memory" "ram_mib=0xbff" -M pc -m 3072 \
		$(virtio raw "$w/probe.img")
	boots "BIOS, not enough memory is said" \
		"not enough memory for the kernel: it needs 4" -M pc -m 2 \
		$(virtio raw "$w/probe.img")
	boots "-kernel takes the same file" "rsdp bss data state" -M microvm \
		-kernel "$k/probe"
	boots "UEFI on q35, FAT12" "$uefi_good" -M q35 \
		$(uefi) $(virtio raw "$w/probe.img")
	boots "UEFI, 3 GiB of memory, what it hands over is low" \
		"probe: info low entries" -M q35 \
		$(uefi) -m 3072 $(virtio raw "$w/probe.img")
	boots "UEFI, FAT32" "$uefi_good" -M q35 \
		$(uefi) $(virtio raw "$w/fat32.img")
	boots "UEFI, a kernel of 3 MB, qcow2" "$uefi_good" -M q35 \
		$(uefi) $(virtio raw "$w/large.img")
}

# Errors of the boot code are text on COM1.
damage() { # FILE OFFSET
	cp "$w/stub.img" "$w/$1"
	printf 'XXXX' | dd of="$w/$1" bs=1 seek="$2" conv=notrunc status=none
}
damage no-stage2.img $((34 * 512 + 4))
damage no-elf.img $((34 * 512 + 3072))
damage no-lba.img $((34 * 512 + 10))
# shellcheck disable=SC2046
{
	boots "no stage 2 is said" "slipway: no stage 2 on the disk" -M pc \
		$(virtio raw "$w/no-stage2.img")
	boots "a damaged kernel is said" "slipway: the kernel is not an ELF" \
		-M pc $(virtio raw "$w/no-elf.img")
	boots "an unreadable sector is said" "slipway: cannot read the kernel" \
		-M pc $(virtio raw "$w/no-lba.img")
}
esp=$(sfdisk -J "$w/stub.img" | jq '.partitiontable.partitions[1].start')
cp "$w/stub.img" "$w/efi.img"
export MTOOLS_SKIP_CHECK=1
mcopy -n -i "$w/efi.img@@$((esp * 512))" ::EFI/BOOT/BOOTX64.EFI "$w/b.efi"
printf 'XXXX' | dd of="$w/b.efi" bs=1 seek=12288 conv=notrunc status=none
mcopy -o -i "$w/efi.img@@$((esp * 512))" "$w/b.efi" ::EFI/BOOT/BOOTX64.EFI
# shellcheck disable=SC2046
boots "UEFI, a damaged kernel is said" "slipway: the kernel is not an ELF" \
	-M q35 $(uefi) $(virtio raw "$w/efi.img")

verify() { # FILE
	{
		sgdisk -v "$1"
		sfdisk --verify "$1"
		parted -s "$1" print
	} >"$w/verify" 2>&1
	grep -q "No problems found" "$w/verify" &&
		grep -q "No errors detected" "$w/verify" &&
		! grep -qiE 'warning|caution|problem:|corrupt|mismatch|error:|invalid|overlap' \
			"$w/verify" &&
		[ $(($(stat -c %s "$1") % 1048576)) = 0 ]
}
for f in stub probe large fat32 none root; do
	is "sgdisk, sfdisk, parted like $f.img" verify "$w/$f.img"
done

esp_ok() { # FILE
	sfdisk -J "$1" | jq -r '.partitiontable.partitions[] |
		select(.type == "C12A7328-F81F-11D2-BA4B-00A0C93EC93B") |
		"\(.start) \(.size)"' >"$w/place"
	read -r start size <"$w/place"
	[ $((start % 2048)) = 0 ] || return 1
	rm -f "$w/esp" "$w/b.efi"
	dd if="$1" of="$w/esp" bs=512 skip="$start" count="$size" status=none
	fsck.vfat -n "$w/esp" >"$w/verify" 2>&1 || return 1
	mcopy -n -i "$w/esp" ::/EFI/BOOT/BOOTX64.EFI "$w/b.efi"
	file "$w/b.efi" | tee "$w/verify" |
		grep -q 'PE32+ executable (EFI application) x86-64'
}
for f in stub probe large fat32 root; do
	is "fsck.vfat likes the ESP of $f.img, a PE32+ is in it" \
		esp_ok "$w/$f.img"
done
kind() { # FILE BITS
	esp_ok "$1" && file -s "$w/esp" | grep -q "FAT ($2 bit)"
}
is "a small ESP is FAT12" kind "$w/stub.img" 12
is "a FAT32 ESP is FAT32" kind "$w/fat32.img" 32

# The goal: 2 MiB, of which 300 KiB are there.
small() {
	[ "$(stat -c %s "$w/stub.img")" = 2097152 ] &&
		[ "$(du -k "$w/stub.img" | cut -f1)" -le 300 ]
}
is "a small kernel's disk is 2 MiB with 300 KiB allocated" small
finish
