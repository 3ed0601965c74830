# SPDX-License-Identifier: Apache-2.0
# keel: threads, sleeping, locks.
KEEL_SRC += targets/keel/sched/waitq.c targets/keel/sched/sleep.c
