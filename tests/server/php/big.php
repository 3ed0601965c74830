<?php
// Ten megabytes whose text says where it is.
header('Content-Type: application/octet-stream');
for ($i = 0; $i < 655360; $i++) {
	printf("%015d\n", $i);
}
