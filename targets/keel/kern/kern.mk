KEEL_SRC += $(addprefix targets/keel/kern/,string.c)
