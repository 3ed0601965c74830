/* SPDX-License-Identifier: Apache-2.0 */
/* Inside lib/deploy: what pods and virtual machines have in common. */
#ifndef DEPLOY_POD_H
#define DEPLOY_POD_H

#include "deploy/deploy.h"
#include "deploy/yaml.h"

/* The application's name as Kubernetes takes one (RFC 1123); caller frees.
 * NULL and *e if nothing is left of it. */
char *pod_name(const struct app *a, struct err *e);
/* Of the claim for a volume; caller frees. */
char *pod_claim(const char *name, size_t i);
/* A pod's spec of one container, for plain and urunc. */
void pod_put(struct yaml *y, const struct deploy *d, const char *name);
/* readinessProbe (and livenessProbe, if `live`) of the manifest's test. */
void pod_put_probes(struct yaml *y, const struct deploy *d, int live);

#endif
