<?php
// What can be set from outside: the container's environment.
declare(strict_types=1);

const SETTINGS = [
	'DB_HOST' => 'db',
	'DB_PORT' => '3306',
	'DB_NAME' => 'logbook',
	'DB_USER' => 'logbook',
	'DB_PASSWORD' => '',
	'SITE_NAME' => 'Logbook',
	'UPLOADS' => '/srv/uploads',
];

function setting(string $name): string
{
	$value = getenv($name);

	return $value === false || $value === '' ? SETTINGS[$name] : $value;
}

// Sizes that are not worth a setting.
const POSTS_A_PAGE = 6;
const PICTURE_BYTES = 8 << 20;
const TITLE_LENGTH = 120;
const BODY_LENGTH = 20000;
const SESSION_SECONDS = 14 * 86400;
