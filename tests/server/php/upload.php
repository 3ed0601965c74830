<?php
foreach ($_FILES as $name => $f) {
	$to = sys_get_temp_dir() . '/kept-' . getmypid();
	echo $name, ' ', $f['name'], ' ', $f['type'], ' ', $f['error'], ' ',
		$f['size'], "\n";
	if ($f['error'] === UPLOAD_ERR_OK) {
		var_dump(move_uploaded_file($f['tmp_name'], $to));
		echo md5_file($to), ' ', (new finfo(FILEINFO_MIME_TYPE))->file($to),
			"\n";
		var_dump(unlink($to), file_exists($f['tmp_name']));
	}
}
echo json_encode($_POST), "\n";
