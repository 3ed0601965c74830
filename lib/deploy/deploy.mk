# SPDX-License-Identifier: Apache-2.0
# Descriptions of a deployment, for engines that run images.
LIB_SRC += lib/deploy/yaml.c lib/deploy/compose.c lib/deploy/pod.c \
	lib/deploy/kubernetes.c
