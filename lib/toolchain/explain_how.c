/* SPDX-License-Identifier: Apache-2.0 */
/* The words of explain.json for how something is referred to. */
#include "toolchain/explain.h"

const char *const explain_how[5] = {
	"root", "strong", "weak", "section", "kept"};
