<?php
// Pictures: files of the volume that the web server reads.
declare(strict_types=1);

const PICTURE_TYPES = [
	IMAGETYPE_PNG => 'png',
	IMAGETYPE_JPEG => 'jpg',
	IMAGETYPE_GIF => 'gif',
	IMAGETYPE_WEBP => 'webp',
];

// The name of the stored picture, NULL if none was sent. What it is tells its
// content; its own name and type are the sender's words and are not used.
function store_picture(string $field): ?string
{
	$file = $_FILES[$field] ?? null;

	if (!$file || !is_int($file['error'])
		|| $file['error'] === UPLOAD_ERR_NO_FILE) {
		return null;
	}
	if ($file['error'] === UPLOAD_ERR_INI_SIZE
		|| $file['size'] > PICTURE_BYTES) {
		throw new Refusal(413, 'The picture is larger than '
			. (PICTURE_BYTES >> 20) . ' MB.');
	}
	if ($file['error'] !== UPLOAD_ERR_OK
		|| !is_uploaded_file($file['tmp_name'])) {
		throw new Refusal(400, 'The picture did not arrive whole.');
	}
	$size = @getimagesize($file['tmp_name']);
	$type = $size ? PICTURE_TYPES[$size[2]] ?? null : null;
	if (!$type || $size[0] < 1 || $size[1] < 1) {
		throw new Refusal(422, 'A picture is a PNG, JPEG, GIF or WebP file.');
	}
	$name = bin2hex(random_bytes(16)) . ".$type";
	$path = setting('UPLOADS') . "/$name";
	if (!move_uploaded_file($file['tmp_name'], $path)) {
		throw new RuntimeException("cannot write $path");
	}
	chmod($path, 0644);
	return $name;
}

function remove_picture(?string $name): void
{
	$path = setting('UPLOADS') . "/$name";

	if ($name !== null && is_file($path)) {
		unlink($path);
	}
}
