/* SPDX-License-Identifier: Apache-2.0 */
/* Mounts hostile EROFS images and looks at all that is in them. */
#include <stdlib.h>
#include <string.h>

#include "../unit/keel-fs-fake.h"
#include "fs/content.h"
#include "fs/erofs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NAMES = 64, DEPTH = 4, INODES = 400 };

static unsigned seen; /* inodes of this image: an end to loops */
static char buf[3 * PAGE_SIZE];

struct list {
	unsigned n;
	struct {
		char text[NAME_LEN_MAX];
		struct name name;
		uint64_t nid;
	} entry[NAMES];
};

static int take(void *arg, struct name name, uint64_t nid, unsigned type)
{
	struct list *l = arg;

	(void)type;
	if (!name.len || name.len > NAME_LEN_MAX || memchr(name.s, 0, name.len))
		abort();
	if (l->n == NAMES)
		return 1;
	memcpy(l->entry[l->n].text, name.s, name.len);
	l->entry[l->n].name = (struct name){l->entry[l->n].text, name.len};
	l->entry[l->n++].nid = nid;
	return 0;
}

static void look(struct inode *ino, unsigned depth);

static void look_in(struct inode *dir, unsigned depth)
{
	struct list *l = calloc(1, sizeof(*l));
	uint64_t nid;

	dir->ops->list(dir, take, l);
	dir->ops->lookup(dir, name_of("no such name"), &nid);
	for (unsigned i = 0; i < l->n; i++) {
		struct inode *ino;

		dir->ops->lookup(dir, l->entry[i].name, &nid);
		if (seen >= INODES || depth >= DEPTH)
			break;
		if (inode_lower(dir->fs, dir->ops, l->entry[i].nid, &ino))
			continue;
		seen++;
		look(ino, depth + 1);
		inode_put(ino);
	}
	free(l);
}

static void look_at(struct inode *ino)
{
	struct iobuf b = {buf, true};

	content_read(ino, b, sizeof(buf), 0);
	content_read(ino, b, sizeof(buf), ino->size / 2);
	content_read(
		ino, b, sizeof(buf), ino->size - MIN(ino->size, 2 * PAGE_SIZE));
	content_seek(ino, 0, false);
	content_write(ino, b, 100, ino->size / 2);
	inode_truncate(ino, ino->size / 3);
	content_read(ino, b, sizeof(buf), ino->size / 4);
	inode_truncate(ino, 0);
	ino->changed = false; /* so that it ends with its last reference */
	ino->dir_changed = false;
}

static void look(struct inode *ino, unsigned depth)
{
	if (inode_is_dir(ino))
		look_in(ino, depth);
	else if (inode_is_link(ino))
		ino->ops->readlink(ino, buf, PATH_LEN_MAX);
	else if (inode_is_reg(ino))
		look_at(ino);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fs fs = {.dev = 1};
	struct inode *root;
	uint8_t *image;

	if (size < PAGE_SIZE)
		return 0;
	image = malloc(size);
	memcpy(image, data, size);
	image[EROFS_SUPER_OFFSET + 8] &= ~EROFS_COMPAT_CHECKSUM;
	fake_image = image;
	fake_image_size = size;
	fake_pages = 2048;
	if (!erofs_mount(&fs, fake_disk(), &root)) {
		seen = 0;
		look(root, 0);
		inode_put(root);
		erofs_unmount(&fs);
	}
	if (fake_pages_used || fake_allocs)
		abort(); /* something is lost */
	free(image);
	return 0;
}
