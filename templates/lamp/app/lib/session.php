<?php
// Sessions are rows of the database, so that any instance of PHP knows them.
declare(strict_types=1);

const SESSION_COOKIE = 'logbook';

// The table has digests: who reads it cannot take over a session.
final class SessionTable implements SessionHandlerInterface,
	SessionIdInterface, SessionUpdateTimestampHandlerInterface
{
	public function open(string $path, string $name): bool
	{
		return true;
	}

	public function close(): bool
	{
		return true;
	}

	public function create_sid(): string
	{
		return bin2hex(random_bytes(32));
	}

	public function validateId(string $id): bool
	{
		return $this->find($id) !== null;
	}

	public function read(string $id): string
	{
		return $this->find($id) ?? '';
	}

	public function write(string $id, string $data): bool
	{
		sql(
			'INSERT INTO sessions (id, data, seen) VALUES (?, ?, ?)
			ON DUPLICATE KEY UPDATE data = VALUES(data), seen = VALUES(seen)',
			[hash('sha256', $id, true), $data, time()]
		);
		return true;
	}

	public function updateTimestamp(string $id, string $data): bool
	{
		return $this->write($id, $data);
	}

	public function destroy(string $id): bool
	{
		sql('DELETE FROM sessions WHERE id = ?', [hash('sha256', $id, true)]);
		return true;
	}

	public function gc(int $max_lifetime): int|false
	{
		return sql(
			'DELETE FROM sessions WHERE seen < ?',
			[time() - SESSION_SECONDS]
		)->rowCount();
	}

	private function find(string $id): ?string
	{
		try {
			$data = sql(
				'SELECT data FROM sessions WHERE id = ? AND seen >= ?',
				[hash('sha256', $id, true), time() - SESSION_SECONDS]
			)->fetchColumn();
		} catch (PDOException $e) {
			if ($e->getCode() !== NO_SUCH_TABLE) {
				throw $e;
			}
			$data = false;
		}
		return $data === false ? null : (string)$data;
	}
}

function cookie_options(int $expires = 0): array
{
	return [
		'expires' => $expires,
		'path' => '/',
		'secure' => ($_SERVER['HTTPS'] ?? '') === 'on',
		'httponly' => true,
		'samesite' => 'Lax',
	];
}

// Visitors who only read have no session; $make begins one.
function session(bool $make = false): bool
{
	if (session_status() === PHP_SESSION_ACTIVE) {
		return true;
	}
	if (!$make && !isset($_COOKIE[SESSION_COOKIE])) {
		return false;
	}
	$options = cookie_options();
	unset($options['expires']);
	session_name(SESSION_COOKIE);
	session_set_cookie_params($options);
	session_set_save_handler(new SessionTable(), true);
	return session_start([
		'use_strict_mode' => 1,
		'use_only_cookies' => 1,
		'use_trans_sid' => 0,
		'cache_limiter' => '',
		'serialize_handler' => 'php_serialize',
		'gc_probability' => 1,
		'gc_divisor' => 100,
		'gc_maxlifetime' => SESSION_SECONDS,
		'lazy_write' => 0,
	]);
}

// A form's proof that it was this site which sent it.
function token(): string
{
	session(true);
	return $_SESSION['token'] ??= bin2hex(random_bytes(32));
}

function check_token(): void
{
	session();
	if (!isset($_SESSION['token'])
		|| !hash_equals($_SESSION['token'], field('token'))) {
		throw new Refusal(403, 'This form was not sent by this site, or '
			. 'it is too old. Please go back, load it again and retry.');
	}
}

// One line for the next page.
function leave_notice(string $text): void
{
	session(true);
	$_SESSION['notice'] = $text;
}

function take_notice(): string
{
	$text = '';

	if (session()) {
		$text = $_SESSION['notice'] ?? '';
		unset($_SESSION['notice']);
	}
	return $text;
}
