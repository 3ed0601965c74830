# keel: the machine (plat/pci.c is of the drivers).
KEEL_SRC += $(addprefix targets/keel/plat/,serial.c fwcfg.c power.c)
