/* SPDX-License-Identifier: Apache-2.0 */
/* What an engine must be told to run an application as its manifest says. */
#ifndef DEPLOY_DEPLOY_H
#define DEPLOY_DEPLOY_H

#include "core/buf.h"
#include "core/err.h"
#include "manifest/app.h"

enum deploy_engine {
	DEPLOY_PLAIN,    /* a container runtime: the image starts QEMU */
	DEPLOY_URUNC,    /* the runtime class "urunc" starts the kernel */
	DEPLOY_KUBEVIRT, /* the image is a containerDisk */
};
enum { DEPLOY_ENGINES = DEPLOY_KUBEVIRT + 1 };
extern const char *const deploy_engine_names[DEPLOY_ENGINES];

struct deploy {
	const struct app *app;
	const char *image; /* REPO:TAG as the engine pulls it */
	enum deploy_engine engine;
	int takeover; /* the machine has the container's own addresses */
	int kvm;      /* the container has /dev/kvm */
};

/* What a plain container needs beside the machine's memory: QEMU's own. */
#define DEPLOY_QEMU_BYTES (64ull << 20)

/* A Compose file with one service. */
int deploy_compose(const struct deploy *d, struct buf *out, struct err *e);
/*
 * Kubernetes: a Deployment (plain, urunc) or VirtualMachine (kubevirt), a
 * Service if there are ports, a PersistentVolumeClaim for each volume.
 * -EINVAL names what an engine cannot do: volumes or a check by "exec" with
 * kubevirt and urunc, takeover with any but plain.
 */
int deploy_kubernetes(const struct deploy *d, struct buf *out, struct err *e);

#endif
