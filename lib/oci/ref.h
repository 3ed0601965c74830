/* SPDX-License-Identifier: Apache-2.0 */
/* The name of a container image in a file: "docker-archive:app.tar". */
#ifndef OCI_REF_H
#define OCI_REF_H

enum oci_kind {
	OCI_DOCKER_ARCHIVE, /* a tar as of `docker save` */
	OCI_LAYOUT,         /* a folder with oci-layout and index.json */
	OCI_ARCHIVE,        /* the same as a tar */
};

struct oci_ref {
	enum oci_kind kind;
	char *path;
	char *tag; /* NULL: the only image in it */
};

/* KIND:PATH[:TAG] with the names of containers-transports(5); -EINVAL if it
 * is none. In an archive of docker a tag has its image's name with it. */
int oci_ref_parse(const char *s, struct oci_ref *out);
void oci_ref_free(struct oci_ref *r);

#endif
