KEEL_SRC += targets/keel/sched/waitq.c
