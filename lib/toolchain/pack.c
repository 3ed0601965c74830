/* SPDX-License-Identifier: Apache-2.0 */
/* Packs the initialised data of a kernel file. */
#include "toolchain/pack.h"

#include <errno.h>
#include <lz4hc.h>
#include <string.h>

#include "core/mem.h"
#include "toolchain/elf.h"

enum { LOADS = 3, PAGE = 4096 };

struct loads {
	Elf64_Phdr ph[LOADS];
	size_t at[LOADS]; /* in the file */
	size_t n;
};

void pack_block(const void *p, size_t n, struct buf *out)
{
	int room = LZ4_compressBound((int)n), len;
	_free_ char *block = xmalloc((size_t)room);

	len = LZ4_compress_HC(p, block, (int)n, room, LZ4HC_CLEVEL_MAX);
	buf_add(out, block, (size_t)len);
}

static int find_loads(const struct elf *f, struct loads *l)
{
	Elf64_Phdr ph;

	for (size_t i = 0; i < f->nphdrs; i++) {
		if (elf_phdr(f, i, &ph) < 0 || ph.p_offset > f->len ||
			ph.p_filesz > f->len - ph.p_offset)
			return -EINVAL;
		if (ph.p_type != PT_LOAD)
			continue;
		if (l->n == LOADS)
			return -EINVAL;
		l->ph[l->n] = ph;
		l->at[l->n++] = f->eh.e_phoff + i * sizeof(ph);
	}
	return l->n == LOADS ? 0 : -EINVAL;
}

/* Where the packed part would be: within the constants, data a page on. */
static int check_place(const struct loads *l, uint64_t start)
{
	const Elf64_Phdr *ro = &l->ph[1], *data = &l->ph[2];
	uint64_t end = ro->p_vaddr + ro->p_filesz;

	if (start < ro->p_vaddr || start > end || data->p_vaddr < end ||
		data->p_vaddr - end >= PAGE ||
		ro->p_filesz + data->p_filesz > LZ4_MAX_INPUT_SIZE - PAGE ||
		data->p_filesz > data->p_memsz)
		return -EINVAL;
	return 0;
}

int pack_data(struct buf *file, uint64_t start, struct err *e)
{
	_elf_ struct elf f = {0};
	_buf_ struct buf plain = {0}, block = {0};
	struct loads l = {.n = 0};
	Elf64_Phdr *ro = &l.ph[1], *data = &l.ph[2];
	uint64_t end, skip;
	int r;

	r = elf_init(&f, file->data, file->len, "kernel", e);
	if (r < 0)
		return r;
	if (find_loads(&f, &l) < 0 || check_place(&l, start) < 0)
		return err_set(e, -EINVAL,
			"kernel: its segments are not "
			"those of keel.ld");
	skip = start - ro->p_vaddr;
	end = data->p_vaddr + data->p_memsz;
	buf_add(&plain, file->data + ro->p_offset + skip, ro->p_filesz - skip);
	buf_add_zero(&plain, data->p_vaddr - start - plain.len);
	buf_add(&plain, file->data + data->p_offset, data->p_filesz);
	pack_block(plain.data, plain.len, &block);
	if (block.len >= ro->p_filesz - skip + data->p_filesz)
		return 0;
	memcpy(file->data + ro->p_offset + skip, block.data, block.len);
	*data = (Elf64_Phdr){.p_type = PT_LOAD,
		.p_flags = PF_R,
		.p_offset = ro->p_offset + skip,
		.p_filesz = block.len,
		.p_memsz = block.len,
		.p_align = 1};
	data->p_vaddr = data->p_paddr =
		(end + PAGE - 1) / PAGE * PAGE + PACK_GAP;
	ro->p_filesz = skip;
	ro->p_memsz = end - ro->p_vaddr;
	ro->p_flags = PF_R | PF_W;
	for (size_t i = 0; i < LOADS; i++)
		memcpy(file->data + l.at[i], &l.ph[i], sizeof(l.ph[i]));
	return 0;
}
