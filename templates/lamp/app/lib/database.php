<?php
// The database: one connection a request, made when it is first needed.
declare(strict_types=1);

// It cannot be reached, or it is still being set up.
final class DatabaseAbsent extends Exception
{
}

const NO_SUCH_TABLE = '42S02';

// How often a connection is tried, and how long to wait in between: whoever
// asks while all three machines start sees a page, not an error.
const DATABASE_TRIES = 6;
const DATABASE_WAIT_US = 400000;

function database(int $tries = DATABASE_TRIES): PDO
{
	static $pdo = null;

	while (!$pdo) {
		try {
			$pdo = database_connect();
		} catch (PDOException $e) {
			if (!database_may_come($e)) {
				throw $e;
			}
			if (--$tries < 1) {
				throw new DatabaseAbsent($e->getMessage());
			}
			usleep(DATABASE_WAIT_US);
		}
	}
	return $pdo;
}

function database_connect(): PDO
{
	return @new PDO( // what is wrong is in the exception, too
		sprintf(
			'mysql:host=%s;port=%d;dbname=%s;charset=utf8mb4',
			setting('DB_HOST'),
			(int)setting('DB_PORT'),
			setting('DB_NAME')
		),
		setting('DB_USER'),
		setting('DB_PASSWORD'),
		[
			PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
			PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC,
			PDO::ATTR_EMULATE_PREPARES => false,
			PDO::ATTR_TIMEOUT => 3,
			PDO::MYSQL_ATTR_INIT_COMMAND => "SET time_zone = '+00:00', "
				. "sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'",
		]
	);
}

// No name, no server, one that goes away or starts, one whose user is not
// made yet: these pass. A wrong password stays wrong, but looks like that.
function database_may_come(PDOException $e): bool
{
	return in_array((int)$e->getCode(), [1040, 1044, 1045, 1049, 1053, 1130,
		2002, 2003, 2005, 2006, 2013], true);
}

// A statement with its values, run.
function sql(string $text, array $values = []): PDOStatement
{
	$statement = database()->prepare($text);

	foreach ($values as $name => $value) {
		$statement->bindValue(
			is_int($name) ? $name + 1 : $name,
			$value,
			match (true) {
				is_int($value) => PDO::PARAM_INT,
				$value === null => PDO::PARAM_NULL,
				default => PDO::PARAM_STR,
			}
		);
	}
	$statement->execute();
	return $statement;
}

function transaction(callable $body): mixed
{
	$pdo = database();
	$pdo->beginTransaction();
	try {
		$result = $body();
		$pdo->commit();
		return $result;
	} catch (Throwable $t) {
		if ($pdo->inTransaction()) {
			$pdo->rollBack();
		}
		throw $t;
	}
}

const SCHEMA = [
	'CREATE TABLE IF NOT EXISTS accounts (
		id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY,
		name VARCHAR(40) NOT NULL UNIQUE,
		password VARCHAR(255) NOT NULL,
		created DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
	) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4',
	'CREATE TABLE IF NOT EXISTS posts (
		id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY,
		account INT UNSIGNED NOT NULL,
		title VARCHAR(120) NOT NULL,
		body TEXT NOT NULL,
		picture VARCHAR(40) DEFAULT NULL,
		created DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
		changed DATETIME DEFAULT NULL,
		FOREIGN KEY (account) REFERENCES accounts (id)
	) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4',
	'CREATE TABLE IF NOT EXISTS sessions (
		id BINARY(32) PRIMARY KEY,
		data BLOB NOT NULL,
		seen INT UNSIGNED NOT NULL,
		KEY (seen)
	) ENGINE=InnoDB',
];

// Whether `install` was done: the schema is there and somebody can log in.
function installed(): bool
{
	try {
		return (bool)sql('SELECT 1 FROM accounts LIMIT 1')->fetchColumn();
	} catch (PDOException $e) {
		if ($e->getCode() === NO_SUCH_TABLE) {
			return false;
		}
		throw $e;
	}
}

function create_schema(): void
{
	foreach (SCHEMA as $statement) {
		database()->exec($statement);
	}
}
