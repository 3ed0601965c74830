/* SPDX-License-Identifier: Apache-2.0 */
/* System calls: mappings and the heap. */
#include <asm/errno.h>
#include <asm/mman.h>

#include "fs/file.h"
#include "mm/vma.h"
#include "sys/proto.h"

long do_mmap(long addr, long len, long prot, long flags, long fd, long offset)
{
	struct file *f = NULL;
	long at;

	if (!(flags & MAP_ANONYMOUS)) {
		f = fd_get((int)fd);
		if (!f)
			return -EBADF;
	}
	at = vma_map((uint64_t)addr, (uint64_t)len, (int)prot, (int)flags, f,
		(uint64_t)offset);
	if (f)
		file_put(f);
	return at;
}

long do_munmap(long addr, long len)
{
	return vma_unmap((uint64_t)addr, (uint64_t)len);
}

long do_mprotect(long addr, long len, long prot)
{
	return vma_protect((uint64_t)addr, (uint64_t)len, (int)prot);
}

long do_mremap(long addr, long old_len, long new_len, long flags, long new_addr)
{
	return vma_remap((uint64_t)addr, (uint64_t)old_len, (uint64_t)new_len,
		(int)flags, (uint64_t)new_addr);
}

long do_brk(long end)
{
	return (long)vma_brk((uint64_t)end);
}
