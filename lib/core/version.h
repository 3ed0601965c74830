/* SPDX-License-Identifier: Apache-2.0 */
/* Slipway's version: of the command, and in what it makes. */
#ifndef CORE_VERSION_H
#define CORE_VERSION_H

#define SLIPWAY_VERSION "0.1.0"

#endif
