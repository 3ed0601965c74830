<form class="sheet small" action="/login" method="post">
	<h1>Log in</h1>
<?php if ($complaint !== null): ?>
	<p class="complaint" role="alert"><?= e($complaint) ?></p>
<?php endif ?>
	<input type="hidden" name="token" value="<?= e(token()) ?>">
	<label>Name
		<input name="name" value="<?= e($name) ?>" required maxlength="40"
			autocomplete="username" autofocus></label>
	<label>Password
		<input name="password" type="password" required maxlength="72"
			autocomplete="current-password"></label>
	<button>Log in</button>
</form>
