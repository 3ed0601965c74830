/* SPDX-License-Identifier: Apache-2.0 */
/* Process 1 of the Linux guest that the bench compares with: runs /program
 * with the arguments in /args (one a line) and /stdin, then powers off. With
 * /modules/1, 2, … and /address ("IP MASK") there is a network before. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGS_MAX = 64 };

static void run_program(void)
{
	static char text[4096];
	static char name[] = "program";
	char *argv[ARGS_MAX] = {name}, *line, *rest;
	int n = 1, fd = open("/args", O_RDONLY);

	if (fd >= 0 && read(fd, text, sizeof(text) - 1) > 0) {
		for (line = strtok_r(text, "\n", &rest);
			line && n < ARGS_MAX - 1;
			line = strtok_r(NULL, "\n", &rest))
			argv[n++] = line;
	}
	fd = open("/stdin", O_RDONLY);
	if (fd >= 0)
		dup2(fd, STDIN_FILENO);
	execv("/program", argv);
	perror("/program");
	_exit(127);
}

static void load_modules(void)
{
	char path[32];
	int fd, n;

	for (n = 1;; n++) {
		snprintf(path, sizeof(path), "/modules/%d", n);
		fd = open(path, O_RDONLY);
		if (fd < 0)
			return;
		if (syscall(SYS_finit_module, fd, "", 0) < 0)
			perror(path);
		close(fd);
	}
}

static void set_address(
	int s, unsigned long what, const char *card, const char *text)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	struct ifreq r = {0};

	inet_pton(AF_INET, text, &a.sin_addr);
	strcpy(r.ifr_name, card);
	memcpy(&r.ifr_addr, &a, sizeof(a));
	if (ioctl(s, what, &r) < 0)
		perror(card);
}

static void bring_up(int s, const char *card)
{
	struct ifreq r = {0};

	strcpy(r.ifr_name, card);
	ioctl(s, SIOCGIFFLAGS, &r);
	r.ifr_flags |= IFF_UP;
	if (ioctl(s, SIOCSIFFLAGS, &r) < 0)
		perror(card);
}

static void start_network(void)
{
	char ip[64], mask[64];
	FILE *f = fopen("/address", "r");
	int s, i;

	if (!f)
		return;
	if (fscanf(f, "%63s %63s", ip, mask) == 2) {
		s = socket(AF_INET, SOCK_DGRAM, 0);
		bring_up(s, "lo");
		/* The card appears a moment after its driver. */
		for (i = 0; i < 100 && !if_nametoindex("eth0"); i++)
			usleep(20000);
		set_address(s, SIOCSIFADDR, "eth0", ip);
		set_address(s, SIOCSIFNETMASK, "eth0", mask);
		bring_up(s, "eth0");
		close(s);
	}
	fclose(f);
}

int main(void)
{
	pid_t pid;
	int status;

	mkdir("/dev", 0755);
	mkdir("/tmp", 0755);
	mount("dev", "/dev", "devtmpfs", 0, NULL);
	mount("tmp", "/tmp", "tmpfs", 0, NULL);
	load_modules();
	start_network();
	pid = fork();
	if (pid == 0)
		run_program();
	while (waitpid(pid, &status, 0) < 0)
		;
	sync();
	reboot(RB_POWER_OFF);
	return 0;
}
