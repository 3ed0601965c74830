<?php
// A page that shows what there is: a session, a form, an upload, a database.
declare(strict_types=1);
session_start();
$_SESSION['visits'] = ($_SESSION['visits'] ?? 0) + 1;

function h(string $text): string
{
	return htmlspecialchars($text, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8');
}

/** What the database says, where the environment names one. */
function database(): string
{
	$host = getenv('DB_HOST');
	if ($host === false) {
		return 'none: set DB_HOST, DB_NAME, DB_USER and DB_PASSWORD';
	}
	try {
		$db = new PDO(
			sprintf('mysql:host=%s;dbname=%s;charset=utf8mb4', $host,
				getenv('DB_NAME') ?: ''),
			getenv('DB_USER') ?: '', getenv('DB_PASSWORD') ?: '',
			[PDO::ATTR_TIMEOUT => 5]
		);
		return (string)$db->query('SELECT VERSION()')->fetchColumn();
	} catch (PDOException $e) {
		error_log((string)$e->getMessage());
		return 'no answer; the log says why';
	}
}

$picture = $_FILES['picture'] ?? null;
$when = new DateTimeImmutable('now', new DateTimeZone('Europe/Berlin'));
?>
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>PHP in a machine of its own</title>
<h1>PHP <?= h(PHP_VERSION) ?> in a machine of its own</h1>
<p>It is <?= h($when->format('l, j F Y, H:i T')) ?> in Berlin.
You were here <?= $_SESSION['visits'] ?> times.
<p>Database: <?= h(database()) ?>

<form method="post" enctype="multipart/form-data">
<input type="file" name="picture"> <button>Send</button>
</form>
<?php if ($picture && $picture['error'] === UPLOAD_ERR_OK): ?>
<p><?= h($picture['name']) ?>: <?= $picture['size'] ?> bytes of
<?= h((string)mime_content_type($picture['tmp_name'])) ?>
<?php endif ?>

<p>Extensions: <?= h(implode(', ', get_loaded_extensions())) ?>
