<form class="sheet small" action="/install" method="post">
	<h1>Open the log</h1>
	<p>The database answers and is empty. This makes its tables and the first
	account, yours.</p>
<?php if ($complaint !== null): ?>
	<p class="complaint" role="alert"><?= e($complaint) ?></p>
<?php endif ?>
	<input type="hidden" name="token" value="<?= e($proof) ?>">
	<label>Name
		<input name="name" value="<?= e($name) ?>" required maxlength="40"
			autocomplete="username" autofocus></label>
	<label>Password, at least 8 characters
		<input name="password" type="password" required minlength="8"
			maxlength="72" autocomplete="new-password"></label>
	<button>Install</button>
</form>
