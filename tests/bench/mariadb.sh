# shellcheck shell=sh disable=SC2154
# SPDX-License-Identifier: Apache-2.0
# The template mariadb in the frame of servers.sh, which sources it. keel does
# not run it, so that there is nothing beside its figures.

mariadb_ms() { # VOLUME OPTION...: to the greeting that a server begins with
	volume=$1
	shift
	port=$(free_port)
	reply_ms "$port" "$SLIPWAY" run --accel tcg -p "$port:3306" \
		-v "$volume:/var/lib/mysql" "$@" \
		-e MARIADB_ALLOW_EMPTY_ROOT_PASSWORD=yes "$server_dir/mariadb"
}

bench_mariadb() {
	volume=$work/mariadb-data
	server_project mariadb "$server_dir/mariadb" . &&
		build_bench "$server_dir/mariadb" mariadb || return 1
	rm -rf "$volume"
	mkdir "$volume"
	ours=$(runs_reply=1 mariadb_ms "$volume")
	row "mariadb, first start to first reply" 0 "$ours" ms 12000 most
	ours=$(runs_reply=3 mariadb_ms "$volume")
	row "mariadb, on its volume, to first reply" 0 "$ours" ms 6000 most
	least=999
	for mib in 96 112 128 160 192 256; do
		if runs_reply=1 mariadb_ms "$volume" -m ${mib}M \
			>/dev/null 2>&1; then
			least=$mib
			break
		fi
	done
	row "mariadb, least memory on its volume" 0 "$least" MiB 128 most
	row "mariadb, kernel file" 0 \
		"$(mib "$server_dir/mariadb/build/mariadb/kernel")" MiB 40 most
	row "mariadb, disk image" 0 "$(mib "$work/mariadb.img")" MiB 128 most
	row "mariadb, Docker image, QEMU in it" 0 "$(mib "$work/mariadb.tar")" \
		MiB 80 most
	rm -rf "$volume"
}
