# SPDX-License-Identifier: Apache-2.0
# keel: the machine (plat/pci.c is of the drivers).
KEEL_SRC += $(addprefix targets/keel/plat/,serial.c fwcfg.c power.c \
	acpi.c apic.c clock.c measure.c rtc.c timer.c)
