/* SPDX-License-Identifier: Apache-2.0 */
/* The packed parts of a kernel: its data, the names of its functions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <elf.h>
#include <errno.h>
#include <lz4.h>
#include <string.h>

#include "toolchain/pack.h"

struct packable {
	Elf64_Ehdr eh;
	Elf64_Phdr ph[3];
	uint64_t ro[1000], data[1000];
};

static struct packable make_packable(void)
{
	struct packable k = {.ro = {0x1122}, .data = {0x3344}};

	memcpy(k.eh.e_ident, ELFMAG, SELFMAG);
	k.eh.e_ident[EI_CLASS] = ELFCLASS64;
	k.eh.e_ident[EI_DATA] = ELFDATA2LSB;
	k.eh.e_ehsize = sizeof(k.eh);
	k.eh.e_phentsize = sizeof(k.ph[0]);
	k.eh.e_phnum = 3;
	k.eh.e_phoff = offsetof(struct packable, ph);
	k.ph[0] = (Elf64_Phdr){PT_LOAD, PF_R | PF_X, 0, 0x100000, 0x100000,
		offsetof(struct packable, ro), offsetof(struct packable, ro),
		16};
	k.ph[1] = (Elf64_Phdr){PT_LOAD, PF_R, offsetof(struct packable, ro),
		0x101000, 0x101000, 8000, 8000, 16};
	k.ph[2] = (Elf64_Phdr){PT_LOAD, PF_R | PF_W,
		offsetof(struct packable, data), 0x103000, 0x103000, 8000, 9000,
		16};
	return k;
}

static void data_is_packed_and_comes_back(void **state)
{
	struct packable k = make_packable();
	struct {
		char ro[8000 - 16], gap[192], data[8000];
	} out;
	_buf_ struct buf b = {0};
	Elf64_Phdr ph[3];
	struct err e;

	(void)state;
	buf_add(&b, &k, sizeof(k));
	assert_int_equal(pack_data(&b, 0x101010, &e), 0);
	memcpy(ph, b.data + k.eh.e_phoff, sizeof(ph));
	assert_memory_equal(&ph[0], &k.ph[0], sizeof(ph[0]));
	assert_int_equal(ph[1].p_filesz, 16);
	assert_int_equal(ph[1].p_vaddr + ph[1].p_memsz, 0x103000 + 9000);
	assert_int_equal(ph[2].p_offset, ph[1].p_offset + 16);
	assert_int_equal(ph[2].p_paddr, 0x106000 + PACK_GAP);
	assert_true(ph[2].p_filesz < 200 && ph[2].p_memsz == ph[2].p_filesz);
	assert_int_equal(
		LZ4_decompress_safe(b.data + ph[2].p_offset, (char *)&out,
			(int)ph[2].p_filesz, sizeof(out)),
		sizeof(out));
	assert_memory_equal(out.ro, &k.ro[2], sizeof(out.ro));
	assert_memory_equal(out.data, k.data, sizeof(out.data));
}

static void packing_refuses_other_segments(void **state)
{
	struct packable k = make_packable();
	struct err e;

	(void)state;
	for (int i = 0; i < 5; i++) {
		struct packable bad = k;
		_buf_ struct buf b = {0};

		if (i == 1)
			bad.ph[0].p_type = PT_NOTE;
		else if (i == 2)
			bad.ph[2].p_vaddr = 0x102000;
		else if (i == 3)
			bad.ph[2].p_memsz = 10;
		else if (i == 4)
			bad.ph[1].p_offset = UINT64_MAX;
		buf_add(&b, &bad, sizeof(bad));
		assert_int_equal(
			pack_data(&b, i ? 0x101010 : 0x100ff0, &e), -EINVAL);
		assert_memory_equal(b.data, &bad, sizeof(bad));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_is_packed_and_comes_back),
		cmocka_unit_test(packing_refuses_other_segments),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
