<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<?php if ($retry): ?>
<meta http-equiv="refresh" content="3">
<?php endif ?>
<title><?= e($title) ?> · <?= e(setting('SITE_NAME')) ?></title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header class="top">
	<div class="inside">
		<a class="brand" href="/"><img src="/icon.svg" alt="" width="30"
			height="30"><?= e(setting('SITE_NAME')) ?></a>
<?php if (!$bare): ?>
		<form class="search" action="/" method="get" role="search">
			<input type="search" name="q" value="<?= e($search) ?>"
				placeholder="Search the log" aria-label="Search"
				maxlength="200">
		</form>
		<nav>
<?php if ($account): ?>
			<a class="button" href="/write">New entry</a>
			<form action="/logout" method="post">
				<input type="hidden" name="token" value="<?= e(token()) ?>">
				<button class="quiet" title="Log out"><?=
					e($account['name']) ?> · Log out</button>
			</form>
<?php else: ?>
			<a class="button" href="/login">Log in</a>
<?php endif ?>
		</nav>
<?php endif ?>
	</div>
</header>
<main class="inside">
<?php if ($notice !== ''): ?>
<p class="notice" role="status"><?= e($notice) ?></p>
<?php endif ?>
<?= $content ?>
</main>
<footer class="inside">
	Three virtual machines in three containers: nginx, PHP <?= e(PHP_VERSION)
	?> and MariaDB. This page came from
	<code><?= e(php_uname('n')) ?></code>.
</footer>
</body>
</html>
