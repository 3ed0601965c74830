/* SPDX-License-Identifier: Apache-2.0 */
/* Inside lib/core: the list of what a fatal signal removes. */
#ifndef CORE_OUTFILE_H
#define CORE_OUTFILE_H

/* A folder of file_temp_dir is gone; the signal handler may forget it. */
void outfile_forget_dir(const char *path);

#endif
