/* SPDX-License-Identifier: Apache-2.0 */
/* What identifies the program to __cxa_atexit; C++ refers to it. */
#include <features.h>

extern hidden void *__dso_handle;
hidden void *__dso_handle = 0;
