/* SPDX-License-Identifier: Apache-2.0 */
/* lib/vm: ports, cards, records, the container's files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/mem.h"
#include "vm/net.h"
#include "vm/publish.h"
#include "vm/takeover.h"
#include "vm-port.h"

/* --- ports ---------------------------------------------------------------- */

static void describe(const struct vm_publish *p, char out[96])
{
	char name[80];

	vm_publish_name(p, name);
	snprintf(out, 96, "%s > %u", name, p->guest);
}

static void published_ports_are_read(void **state)
{
	static const char *const good[][2] = {
		{"80", "tcp port 0 > 80"},
		{"8080:80", "tcp port 8080 > 80"},
		{"8080:80/tcp", "tcp port 8080 > 80"},
		{"53:5353/udp", "udp port 53 > 5353"},
		{"127.0.0.1:8080:80", "tcp 127.0.0.1:8080 > 80"},
		{"127.0.0.1::80", "tcp 127.0.0.1:0 > 80"},
		{"[::1]:8080:80", "tcp [::1]:8080 > 80"},
		{"::1:8080:80", "tcp [::1]:8080 > 80"},
		{"[::]:1:2/udp", "udp [::]:1 > 2"},
		{"0.0.0.0:65535:65535", "tcp 0.0.0.0:65535 > 65535"},
	};
	struct err e = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct vm_publishes l = {0};
		char text[96];

		assert_int_equal(vm_publish_add(&l, good[i][0], &e), 0);
		assert_int_equal(l.n, 1);
		describe(&l.v[0], text);
		assert_string_equal(text, good[i][1]);
		vm_publishes_free(&l);
	}
}

static void what_is_no_port_is_refused(void **state)
{
	static const char *const bad[] = {"", "0", "x", "80:", ":80", "80:x",
		"65536", "80:65536", "-1:80", "80-:80", "8-1:80", "1-2:80",
		"80:80/sctp", "80:80/", "1.2.3:80:80", "[::1:80:80", "[]:80:80",
		"a:1:2", " 80", "80 ", "1:2:3:4", "80-90-95",
		"99999999999999999999:80"};
	struct vm_publishes l = {0};
	struct err e = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (vm_publish_add(&l, bad[i], &e) == 0)
			fail_msg("\"%s\" was taken", bad[i]);
	}
	assert_int_equal(l.n, 0);
	assert_int_equal(vm_publish_add(&l, "1:2", &e), 0);
	assert_int_equal(vm_publish_add(&l, "1:2/udp", &e), 0);
	assert_int_equal(vm_publish_add(&l, "127.0.0.1:1:2", &e), 0);
	assert_int_equal(vm_publish_add(&l, "1:3", &e), -EINVAL);
	assert_non_null(strstr(e.msg, "twice"));
	vm_publishes_free(&l);
}

static void ranges_are_pairs(void **state)
{
	struct vm_publishes l = {0};
	struct err e = {0};

	(void)state;
	assert_int_equal(vm_publish_add(&l, "8000-8002:90-92/udp", &e), 0);
	assert_int_equal(l.n, 3);
	assert_int_equal(l.v[2].host, 8002);
	assert_int_equal(l.v[2].guest, 92);
	assert_int_equal(l.v[2].udp, 1);
	assert_int_equal(vm_publish_add(&l, "100-101", &e), 0);
	assert_int_equal(l.n, 5);
	assert_int_equal(l.v[4].host, 0);
	vm_publishes_free(&l);
}

static void a_port_in_use_is_named(void **state)
{
	struct vm_publishes l = {0};
	struct err e = {0};
	unsigned port = 0;
	int fd = bound(SOCK_STREAM, AF_INET, &port);
	_free_ char *spec = xasprintf("%u:80", port);
	_free_ char *other = xasprintf("127.0.0.1:%u:80/udp", port);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(vm_publish_add(&l, "127.0.0.1::80", &e), 0);
	assert_int_equal(vm_publish_add(&l, "80", &e), 0);
	assert_int_equal(vm_publish_reserve(&l, &e), 0);
	assert_true(l.v[0].host != 0 && l.v[1].host != 0);
	vm_publishes_free(&l);
	assert_int_equal(vm_publish_add(&l, spec, &e), 0);
	assert_int_equal(vm_publish_reserve(&l, &e), -EADDRINUSE);
	assert_non_null(strstr(e.msg, "tcp port"));
	assert_non_null(strstr(e.msg, "in use"));
	vm_publishes_free(&l);
	assert_int_equal(vm_publish_add(&l, other, &e), 0);
	assert_int_equal(vm_publish_reserve(&l, &e), 0);
	vm_publishes_free(&l);
	close(fd);
}

/* --- interfaces ------------------------------------------------------------
 */

/* eth0 172.17.0.2/16, fd00::2/64, an address from a router, fe80::1; eth1
 * 10.0.2.7/24 with a route through a gateway outside of its network. */
static struct net_link links[] = {
	{.index = 1,
		.name = "lo",
		.flags = IFF_UP | IFF_LOOPBACK,
		.mtu = 65536},
	{.index = 5,
		.name = "eth0",
		.kind = "veth",
		.mac = {2, 0x42, 0xac, 0x11, 0, 2},
		.ether = 1,
		.flags = IFF_UP,
		.mtu = 1450},
	{.index = 7,
		.name = "eth1",
		.kind = "veth",
		.mac = {2, 0x42, 0x0a, 0, 2, 7},
		.ether = 1,
		.flags = IFF_UP,
		.mtu = 1500},
	{.index = 9, .name = "tunl0", .kind = "ipip", .mtu = 1480},
};
static struct net_addr addrs[] = {
	{.link = 1,
		.family = AF_INET,
		.ip = {127, 0, 0, 1},
		.prefix = 8,
		.local = 1},
	{.link = 5, .family = AF_INET, .ip = {172, 17, 0, 2}, .prefix = 16},
	{.link = 5, .family = AF_INET6, .ip = {0xfd, [15] = 2}, .prefix = 64},
	{.link = 5,
		.family = AF_INET6,
		.ip = {0x20, 1, [15] = 9},
		.prefix = 64,
		.temporary = 1},
	{.link = 5,
		.family = AF_INET6,
		.ip = {0xfe, 0x80, [15] = 1},
		.prefix = 64,
		.local = 1},
	{.link = 7, .family = AF_INET, .ip = {10, 0, 2, 7}, .prefix = 24},
};
static struct net_route routes[] = {
	{.link = 5,
		.family = AF_INET,
		.gateway = {172, 17, 0, 1},
		.has_gateway = 1},
	{.link = 5, .family = AF_INET, .dst = {172, 17, 0, 0}, .prefix = 16},
	{.link = 5, .family = AF_INET6, .dst = {0xfd}, .prefix = 64},
	{.link = 5, .family = AF_INET6, .dst = {0xfe, 0x80}, .prefix = 64},
	{.link = 5, .family = AF_INET6, .dst = {0xff}, .prefix = 8},
	{.link = 5,
		.family = AF_INET6,
		.gateway = {0xfd, [15] = 1},
		.has_gateway = 1},
	{.link = 7,
		.family = AF_INET,
		.dst = {192, 168, 0, 0},
		.prefix = 16,
		.gateway = {169, 254, 1, 1},
		.has_gateway = 1},
	{.link = 7, .family = AF_INET, .dst = {169, 254, 1, 1}, .prefix = 32},
};
static const struct netscan container = {
	.link = links,
	.addr = addrs,
	.route = routes,
	.nlinks = sizeof(links) / sizeof(links[0]),
	.naddrs = sizeof(addrs) / sizeof(addrs[0]),
	.nroutes = sizeof(routes) / sizeof(routes[0]),
};

static void a_record_says_all_of_an_interface(void **state)
{
	_free_ char *eth0 = netscan_record(&container, &links[1]);
	_free_ char *eth1 = netscan_record(&container, &links[2]);

	(void)state;
	assert_string_equal(eth0,
		"mac=02:42:ac:11:00:02 addr=172.17.0.2/16 addr=fd00::2/64 "
		"route=0.0.0.0/0@172.17.0.1 route=::/0@fd00::1 mtu=1450");
	/* The way to the gateway comes before it. */
	assert_string_equal(eth1,
		"mac=02:42:0a:00:02:07 addr=10.0.2.7/24 route=169.254.1.1/32 "
		"route=192.168.0.0/16@169.254.1.1 mtu=1500 noslaac");
}

static void only_a_containers_interfaces_are_taken(void **state)
{
	struct net_link more[5];
	struct netscan host = container;

	(void)state;
	assert_int_equal(netscan_is_used(&container, &links[0]), 0);
	assert_int_equal(netscan_is_used(&container, &links[1]), 1);
	assert_int_equal(netscan_is_used(&container, &links[3]), 0);
	assert_int_equal(netscan_has_ipv6(&container), 1);
	assert_int_equal(takeover_fits(&container), 1);
	memcpy(more, links, sizeof(links));
	more[4] = (struct net_link){
		.index = 11, .name = "docker0", .kind = "bridge", .ether = 1};
	host.link = more;
	host.nlinks = 5;
	assert_int_equal(takeover_fits(&host), 1); /* it is down */
	more[4].flags = IFF_UP;
	assert_int_equal(takeover_fits(&host), 0);
	more[4].kind[0] = 0; /* hardware */
	assert_int_equal(takeover_fits(&host), 0);
	host.nlinks = 1;
	assert_int_equal(takeover_fits(&host), 0);
}

static void the_kernel_tells_its_interfaces(void **state)
{
	_netscan_ struct netscan s = {0};
	struct err e = {0};

	(void)state;
	assert_int_equal(netscan_read(&s, &e), 0);
	assert_true(s.nlinks > 0);
	assert_string_equal(s.link[0].name, "lo");
	assert_true(s.link[0].flags & IFF_LOOPBACK);
	assert_int_equal(netscan_is_used(&s, &s.link[0]), 0);
}

/* --- cards ------------------------------------------------------------------
 */

static char *options(const struct vm_net *n, const char *bus, int serial)
{
	_strv_ struct strv v = {0};
	char *text;

	vm_net_command(n, bus, serial, &v);
	text = strv_quote(v.v);
	assert_non_null(text);
	return text;
}

static void a_user_card_keeps_out_of_our_networks(void **state)
{
	_vm_net_ struct vm_net n = {0};
	const struct netscan nothing = {0};
	_free_ char *pci = NULL, *mmio = NULL;

	(void)state;
	vm_net_add_user(&n, &nothing, 0);
	assert_string_equal(n.card[0].record,
		"mac=52:54:00:12:34:56 addr=10.0.2.15/24 "
		"route=0.0.0.0/0@10.0.2.2 noslaac");
	pci = options(&n, "pci", 0);
	assert_string_equal(pci,
		"-netdev user,id=user,ipv4=on,ipv6=off,net=10.0.2.0/24,"
		"host=10.0.2.2,dns=10.0.2.3,dhcpstart=10.0.2.15 -device "
		"virtio-net-pci,mac=52:54:00:12:34:56,netdev=user,romfile=");
	vm_net_free(&n);
	/* eth1 has 10.0.2.7, eth0's route 192.168/16 the next. */
	vm_net_add_user(&n, &container, 0);
	assert_string_equal(n.card[0].record,
		"mac=52:54:00:12:34:56 addr=172.31.254.15/24 "
		"addr=fec0::15/64 route=0.0.0.0/0@172.31.254.2 "
		"route=::/0@fec0::2 noslaac");
	mmio = options(&n, "device", 0);
	assert_non_null(strstr(mmio, "ipv6=on"));
	assert_null(strstr(mmio, "romfile"));
	assert_ptr_equal(vm_net_user(&n), &n.card[0]);
	assert_null(vm_net_user(NULL));
}

static void a_guest_that_tells_nothing_has_its_ports_at_once(void **state)
{
	_vm_net_ struct vm_net n = {0};
	struct vm_publishes l = {0};
	const struct netscan nothing = {0};
	_free_ char *text = NULL;
	struct err e;

	(void)state;
	vm_publish_add(&l, "8080:80", &e);
	vm_publish_add(&l, "127.0.0.1:53:53/udp", &e);
	vm_publish_add(&l, "[::1]:8081:80", &e);
	vm_net_add_user(&n, &nothing, 0);
	n.publish = &l;
	text = options(&n, "pci", 1);
	assert_non_null(strstr(text, ",hostfwd=tcp::8080-:80,"
				     "hostfwd=udp:127.0.0.1:53-:53 "));
	assert_null(strstr(text, "8081"));
	vm_publishes_free(&l);
}

static void a_tap_card_has_descriptors_and_the_mtu(void **state)
{
	struct vm_net n = {.ncards = 2};
	const struct netscan nothing = {0};
	_free_ char *text = NULL;

	(void)state;
	n.card[0] = (struct vm_card){
		.tap = 30, .vhost = -1, .mtu = 9000, .mac = {2, 0, 0, 0, 0, 1}};
	n.card[1] = (struct vm_card){.tap = 31, .vhost = 32};
	assert_null(vm_net_user(&n));
	vm_net_add_user(&n, &nothing, 1);
	text = options(&n, "device", 0);
	assert_non_null(strstr(text, "-netdev tap,id=tap0,fd=30 -device "
				     "virtio-net-device,mac=02:00:00:00:00:01,"
				     "netdev=tap0,host_mtu=9000 "));
	assert_non_null(strstr(text, "tap,id=tap1,fd=31,vhost=on,vhostfd=32"));
	assert_string_equal(n.card[2].record,
		"mac=52:54:00:12:34:56 addr=10.0.2.15/24 noslaac");
	free(n.card[2].record);
}

static void a_loopback_name_server_is_the_cards(void **state)
{
	static const char *const cases[][2] = {
		{"nameserver 127.0.0.11\noptions ndots:0\n",
			"nameserver 10.0.2.3\noptions ndots:0\n"},
		{"# x\nsearch a b\n nameserver\t127.0.0.53 \nnameserver ::1\n",
			"# x\nsearch a b\n nameserver\t10.0.2.3 \n"},
		{"nameserver 8.8.8.8\nnameserver 2001:db8::1",
			"nameserver 8.8.8.8\nnameserver 2001:db8::1"},
		{"nameserver ::1", "nameserver 10.0.2.3"},
		{"nameserver\nnameserver 127.0.0.1.2\nnameserverx 127.0.0.1\n",
			"nameserver\nnameserver 127.0.0.1.2\n"
			"nameserverx 127.0.0.1\n"},
		{"", ""},
	};
	_vm_net_ struct vm_net n = {0};
	const struct netscan nothing = {0};

	(void)state;
	vm_net_add_user(&n, &nothing, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_buf_ struct buf b = {0};
		int own = strcmp(cases[i][0], cases[i][1]) != 0;

		buf_adds(&b, cases[i][0]);
		assert_int_equal(vm_net_has_resolver(&b), own);
		vm_net_resolv(&n, &b);
		assert_string_equal(b.data, cases[i][1]);
		assert_int_equal(b.len, strlen(cases[i][1]));
	}
}

static void our_own_name_is_the_guests(void **state)
{
	static const char text[] = "127.0.0.1\tlocalhost\n"
				   "172.17.0.2\tbox box.example\n"
				   "fd00::2 box\n172.17.0.3 other\n#172.17.0.2";
	_vm_net_ struct vm_net n = {0};
	_buf_ struct buf b = {0}, same = {0};
	const struct vm_net none = {0};

	(void)state;
	vm_net_add_user(&n, &container, 0);
	buf_adds(&b, text);
	vm_net_hosts(&n, &container, &b);
	assert_string_equal(b.data,
		"127.0.0.1\tlocalhost\n172.31.254.15\tbox box.example\n"
		"fec0::15 box\n172.17.0.3 other\n#172.17.0.2");
	buf_adds(&same, text);
	vm_net_hosts(&none, &container, &same);
	assert_string_equal(same.data, text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_ports_are_read),
		cmocka_unit_test(what_is_no_port_is_refused),
		cmocka_unit_test(ranges_are_pairs),
		cmocka_unit_test(a_port_in_use_is_named),
		cmocka_unit_test(a_record_says_all_of_an_interface),
		cmocka_unit_test(only_a_containers_interfaces_are_taken),
		cmocka_unit_test(the_kernel_tells_its_interfaces),
		cmocka_unit_test(a_user_card_keeps_out_of_our_networks),
		cmocka_unit_test(
			a_guest_that_tells_nothing_has_its_ports_at_once),
		cmocka_unit_test(a_tap_card_has_descriptors_and_the_mtu),
		cmocka_unit_test(a_loopback_name_server_is_the_cards),
		cmocka_unit_test(our_own_name_is_the_guests),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
