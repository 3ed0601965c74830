<?php
// Accounts: who may write.
declare(strict_types=1);

// The one who is logged in: id and name.
function account(): ?array
{
	static $account = false;

	if ($account === false) {
		$id = session() ? $_SESSION['account'] ?? null : null;
		$account = $id === null ? null
			: (sql('SELECT id, name FROM accounts WHERE id = ?', [$id])
				->fetch() ?: null);
	}
	return $account;
}

function need_account(): array
{
	return account() ?? throw new Refusal(403, 'Please log in first.');
}

function create_account(string $name, string $password): void
{
	sql(
		'INSERT INTO accounts (name, password) VALUES (?, ?)',
		[$name, password_hash($password, PASSWORD_DEFAULT)]
	);
}

// A new session for a new right: an identifier that somebody planted before
// is worth nothing.
function log_in(string $name, string $password): bool
{
	$row = sql('SELECT id, password FROM accounts WHERE name = ?', [$name])
		->fetch();
	// An unknown name takes as long as a wrong password.
	$hash = $row['password'] ?? '$2y$10$'
		. 'abcdefghijklmnopqrstuuRnKkq1XJpKBEGkYUz7wPzUmPsAgQm8e';

	if (!password_verify($password, $hash) || !$row) {
		return false;
	}
	if (password_needs_rehash($hash, PASSWORD_DEFAULT)) {
		sql(
			'UPDATE accounts SET password = ? WHERE id = ?',
			[password_hash($password, PASSWORD_DEFAULT), (int)$row['id']]
		);
	}
	session(true);
	session_regenerate_id(true);
	$_SESSION = ['account' => (int)$row['id']];
	return true;
}

function log_out(): void
{
	if (session()) {
		$_SESSION = [];
		session_destroy();
	}
	setcookie(SESSION_COOKIE, '', cookie_options(1));
}

// What is wrong with a new account, or nothing.
function account_complaint(string $name, string $password): ?string
{
	if (!preg_match('/^[\p{L}\p{N} ._-]{2,40}$/u', $name)) {
		return 'A name has 2 to 40 letters, digits, spaces, dots or dashes.';
	}
	if (mb_strlen($password) < 8 || strlen($password) > 72) {
		return 'A password has at least 8 characters, and at most 72 bytes.';
	}
	return null;
}
