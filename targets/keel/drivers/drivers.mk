# keel: drivers, the PCI bus that they use, and what programs call of them.
KEEL_SRC += targets/keel/plat/pci.c
KEEL_SRC += targets/keel/drivers/virtio.c
KEEL_SRC += targets/keel/drivers/virtq.c
KEEL_SRC += targets/keel/drivers/virtio_mmio.c
KEEL_SRC += targets/keel/drivers/virtio_pci.c
KEEL_SRC += targets/keel/drivers/virtio_pci_modern.c
KEEL_SRC += targets/keel/drivers/virtio_pci_legacy.c
KEEL_SRC += targets/keel/drivers/channel.c
KEEL_SRC += targets/keel/drivers/console.c
KEEL_SRC += targets/keel/drivers/console_tty.c
KEEL_SRC += targets/keel/drivers/console_tx.c
KEEL_SRC += targets/keel/drivers/serial_port.c
KEEL_SRC += targets/keel/drivers/virtio_console.c
