<?php
// The logbook: every request that is not for a file of its own comes here.
declare(strict_types=1);

require __DIR__ . '/lib/settings.php';
require __DIR__ . '/lib/page.php';
require __DIR__ . '/lib/database.php';
require __DIR__ . '/lib/session.php';
require __DIR__ . '/lib/accounts.php';
require __DIR__ . '/lib/pictures.php';
require __DIR__ . '/lib/posts.php';
require __DIR__ . '/lib/handlers.php';

// What PHP itself complains about is a failure, not a line in the page.
set_error_handler(function (int $level, string $text, string $file, int $line) {
	if (!(error_reporting() & $level)) {
		return false;
	}
	throw new ErrorException($text, 0, $level, $file, $line);
});

const ROUTES = [
	['GET', '#^/$#', 'show_list'],
	['GET', '#^/post/([1-9][0-9]{0,17})$#', 'show_post'],
	['GET', '#^/write$#', 'show_write'],
	['POST', '#^/write$#', 'do_write'],
	['GET', '#^/post/([1-9][0-9]{0,17})/edit$#', 'show_edit'],
	['POST', '#^/post/([1-9][0-9]{0,17})/edit$#', 'do_edit'],
	['POST', '#^/post/([1-9][0-9]{0,17})/delete$#', 'do_delete'],
	['GET', '#^/login$#', 'show_login'],
	['POST', '#^/login$#', 'do_login'],
	['POST', '#^/logout$#', 'do_logout'],
	['GET', '#^/install$#', 'show_install'],
	['POST', '#^/install$#', 'do_install'],
	['GET', '#^/health$#', 'show_health'],
];

function route(): string
{
	$path = strtok($_SERVER['REQUEST_URI'] ?? '/', '?');
	$method = $_SERVER['REQUEST_METHOD'] ?? 'GET';
	$allowed = [];

	foreach (ROUTES as [$verb, $pattern, $handler]) {
		if (!preg_match($pattern, $path, $match)) {
			continue;
		}
		if ($verb === $method || ($verb === 'GET' && $method === 'HEAD')) {
			if ($verb === 'POST') {
				refuse_too_large();
			}
			return $handler(...array_map('intval', array_slice($match, 1)));
		}
		$allowed[] = $verb;
	}
	if ($allowed) {
		header('Allow: ' . implode(', ', $allowed));
		throw new Refusal(405, 'This page takes no such request.');
	}
	throw new Refusal(404, 'There is no such page.');
}

// The page is whole before its first byte is sent: no error comes after it.
// So is the session written: the next request may reach another instance.
try {
	$page = route();
	session_write_close();
} catch (Refusal $r) {
	$page = error_page($r->status, $r->getMessage());
} catch (DatabaseAbsent $d) {
	error_log('database: ' . $d->getMessage());
	header('Retry-After: 3');
	$page = error_page(503, 'The database is not there yet. '
		. 'This page tries again by itself.');
} catch (PDOException $e) {
	if ($e->getCode() === NO_SUCH_TABLE) {
		$page = redirect('/install');
	} else {
		error_log((string)$e);
		$page = error_page(500, 'The database refused something. '
			. 'The log of the container says what.');
	}
} catch (Throwable $t) {
	error_log((string)$t);
	$page = error_page(500, 'Something went wrong here. '
		. 'The log of the container says what.');
}
if (session_status() === PHP_SESSION_ACTIVE) {
	session_abort(); // an error's page: there is nothing to keep
}
header('Content-Length: ' . strlen($page));
echo $page;
