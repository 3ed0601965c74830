/* SPDX-License-Identifier: Apache-2.0 */
/* The 9P2000.L client: sessions, messages, and what its files hold. */
#ifndef FS_9P_H
#define FS_9P_H

#include "drivers/virtio_9p.h"
#include "fs/inode.h"

struct file;
struct remote_change;
struct remote_ops;
struct statfs;

/* Types of messages; a reply is one higher (9P2000.L of Linux and QEMU). */
enum p9_type {
	P9_RLERROR = 7,
	P9_TSTATFS = 8,
	P9_TLOPEN = 12,
	P9_TLCREATE = 14,
	P9_TSYMLINK = 16,
	P9_TMKNOD = 18,
	P9_TREADLINK = 22,
	P9_TGETATTR = 24,
	P9_TSETATTR = 26,
	P9_TREADDIR = 40,
	P9_TFSYNC = 50,
	P9_TLINK = 70,
	P9_TMKDIR = 72,
	P9_TRENAMEAT = 74,
	P9_TUNLINKAT = 76,
	P9_TVERSION = 100,
	P9_TATTACH = 104,
	P9_TWALK = 110,
	P9_TREAD = 116,
	P9_TWRITE = 118,
	P9_TCLUNK = 120,
};

enum { P9_QTDIR = 0x80, P9_QTSYMLINK = 0x02 }; /* of a qid's type */
#define P9_NOFID ~0u
#define P9_MAGIC 0x01021997 /* f_type of statfs(2) */
/* An owner that is left to the host: files belong to who runs the VMM. */
#define P9_NOBODY ~0u

struct p9_qid {
	uint8_t type;
	uint64_t path; /* what st_ino shows */
};

/* One mounted tag. */
struct p9 {
	struct virtio_9p *dev;
	struct p9_msg *idle;   /* messages that nobody uses */
	struct p9_msg *posted; /* on their way, and nobody waits */
	unsigned nmsgs;
	struct p9_fid *free_fid; /* numbers that were used before */
	uint32_t next_fid;
	uint32_t data_max; /* bytes of data in one message */
};

/* A handle at the host: a path, and after opening an open file. */
struct p9_fid {
	uint32_t number;
	struct p9_fid *next; /* while it is free */
};

/*
 * A message: p9_begin, the fields in their order, p9_call, the fields of the
 * reply, p9_end. A field that does not fit or is not there makes p9_end
 * return -EIO. Sleeps; none is held while something else is waited for.
 */
struct p9_msg {
	struct p9 *c;
	struct p9_msg *next;
	struct virtio_9p_call call;
	struct p9_fid *fid; /* of a posted one: ends with it */
	uint16_t tag;
	bool bad;
	uint8_t *out, *in; /* P9_MSG_SIZE each */
	uint32_t at, len;  /* in `out`, later in `in` */
};
enum { P9_MSG_SIZE = 8192, P9_HEADER = 7, P9_DATA_HEADER = 11 };

struct p9_msg *p9_begin(struct p9 *c, enum p9_type type);
void p9_put8(struct p9_msg *m, uint8_t v);
void p9_put16(struct p9_msg *m, uint16_t v);
void p9_put32(struct p9_msg *m, uint32_t v);
void p9_put64(struct p9_msg *m, uint64_t v);
void p9_put_name(struct p9_msg *m, struct name name);
int p9_call(struct p9_msg *m); /* 0, the host's -errno, -EIO */
uint8_t p9_get8(struct p9_msg *m);
uint16_t p9_get16(struct p9_msg *m);
uint32_t p9_get32(struct p9_msg *m);
uint64_t p9_get64(struct p9_msg *m);
struct p9_qid p9_get_qid(struct p9_msg *m);
/* A counted string in the reply; valid until p9_end. */
struct name p9_get_name(struct p9_msg *m);
int p9_end(struct p9_msg *m, int err); /* err, or -EIO */

/*
 * The data of Tread, Twrite and Treaddir, which lie outside of the message;
 * `data` has n pieces with `count` bytes in all. The number that was moved.
 */
long p9_transfer(struct p9 *c, enum p9_type type, const struct p9_fid *fid,
	uint64_t offset, const struct virtq_buf *data, unsigned n,
	uint32_t count);

/* A session over the device with this tag; its root's fid. */
int p9_open_session(const char *tag, size_t len, struct p9 **out,
	struct p9_fid **root, struct p9_qid *qid);

struct p9_fid *p9_fid_new(struct p9 *c);           /* NULL: no memory */
void p9_fid_free(struct p9 *c, struct p9_fid *f);  /* the host has none */
void p9_fid_clunk(struct p9 *c, struct p9_fid *f); /* accepts NULL */
/* One name on, or none: a new fid; -ENOENT, ... */
int p9_walk(struct p9 *c, const struct p9_fid *from, const struct name *name,
	struct p9_fid **out, struct p9_qid *qid);
int p9_lopen(struct p9 *c, const struct p9_fid *f, uint32_t flags);
int p9_fsync(struct p9 *c, const struct p9_fid *f, bool data_only);

/* Memory for data on its way, shared by all sessions. */
struct p9_buffer {
	char *va;
	uint32_t size;
	bool used;
};
struct p9_buffer *p9_buffer_get(void); /* sleeps; NULL: no memory */
void p9_buffer_put(struct p9_buffer *b);
uint32_t p9_buffer_size(void); /* of the largest */

/* --- files ----------------------------------------------------------------*/

/* An open file or directory (file->priv). */
struct p9_open {
	uint32_t count; /* the file, and who uses the fid meanwhile */
	struct p9 *c;
	struct p9_fid *fid;
	uint32_t flags;       /* as it was opened at the host */
	struct p9_open *next; /* of the inode */
};

/* What an inode of a volume has besides (inode->priv[0]). */
struct p9_node {
	struct p9_fid *fid;    /* its path */
	struct p9_fid *spare;  /* another one, of a file with several names */
	struct p9_open *made;  /* opened by making it, for who opens it next */
	struct p9_open *opens; /* all that are open */
	uint64_t blocks;
	uint32_t blksize;
	/* No name leads to it any more, and the host cannot tell of it: its
	 * attributes are those that are known, changed here. What the host
	 * has behind `size`, up to `reach`, is not part of it. */
	bool gone;
	uint64_t reach;
	/* Written through mappings, not yet at the host. */
	bool dirty;
	struct inode *dirty_next;
};

static inline struct p9_node *p9_node(const struct inode *ino)
{
	return (struct p9_node *)ino->priv[0];
}
static inline struct p9 *p9_of(const struct inode *ino)
{
	return ino->fs->priv;
}

extern const struct remote_ops p9_remote_ops;
extern const struct inode_ops p9_inode_ops;
extern const struct file_ops p9_file_ops, p9_dir_ops;

/* The inode of a fid, which it takes over; with vfs_lock. */
int p9_inode_get(struct fs *fs, struct p9_fid *fid, struct p9_qid qid,
	struct inode **out);
/* Attributes from the host into the inode and the node: of this open file,
 * or NULL, then with vfs_lock. */
int p9_refresh(struct inode *ino, struct p9_open *o);
/* Before the name of a file goes, which may be open: true if all that can be
 * known of it is ours from here on. */
bool p9_note_gone(struct inode *ino);
/* Of remote_ops. */
int p9_stat(struct inode *ino, struct file *f, struct kstat *st);
int p9_change(struct inode *ino, struct file *f, const struct remote_change *c);
int p9_statfs(struct fs *fs, struct statfs *s);

/* What the host is told of the flags; the rest is ours to keep. 9P's numbers
 * are those of Linux on x86. */
#define P9_OPEN_FLAGS \
	(O_ACCMODE | O_APPEND | O_DSYNC | O_SYNC | O_DIRECTORY | O_NOFOLLOW)
int p9_file_open(struct inode *ino, struct file *f); /* inode_ops.open */
struct p9_open *p9_open_new(struct inode *ino, struct p9_fid *fid,
	uint32_t flags); /* takes over the fid; NULL: no memory */
struct p9_open *p9_open_hold(struct file *f); /* with a reference */
void p9_open_put(struct p9_open *o);
void p9_open_forget(struct inode *ino, struct p9_open *o); /* it is closed */
/* The end of a file that is gone, by what can be done with an open one. */
int p9_resize_gone(struct inode *ino, struct p9_open *o, uint64_t size);

/* fs/9p_map.c: pages of mapped files. */
int p9_read_pages(
	struct inode *ino, uint64_t index, struct page **pages, unsigned n);
int p9_get_page(struct file *f, uint64_t index, bool write, struct page **out);
/* What was written through mappings goes to the host. */
int p9_write_back(struct inode *ino);
int p9_write_back_all(void);
void p9_forget_dirty(struct inode *ino); /* what is not written is lost */
/* The file's size is now this, its pages follow. */
void p9_set_size(struct inode *ino, uint64_t size);
/* The same bytes were written by a call: mapped pages show them. */
void p9_update_pages(
	struct inode *ino, uint64_t pos, const char *data, size_t n);
void p9_unmapped(struct file *f); /* remote_ops.unmapped */

#endif
