#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# contract.t with the other base: one word of the manifest.
TARGET=x86_64-linux exec "${0%/*}/contract.t"
