/* SPDX-License-Identifier: Apache-2.0 */
/* What lwIP finds as <string.h>. */
#include "kern/string.h"
