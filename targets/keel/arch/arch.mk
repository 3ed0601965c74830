KEEL_SRC += $(addprefix targets/keel/arch/x86_64/,string.S)
