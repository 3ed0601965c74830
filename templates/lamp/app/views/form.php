<form class="sheet" action="<?= e($action) ?>" method="post"
	enctype="multipart/form-data">
	<h1><?= $action === '/write' ? 'New entry' : 'Change entry' ?></h1>
<?php if ($complaint !== null): ?>
	<p class="complaint" role="alert"><?= e($complaint) ?></p>
<?php endif ?>
	<input type="hidden" name="token" value="<?= e(token()) ?>">
	<label>Title
		<input name="title" value="<?= e($post['title']) ?>" required
			maxlength="<?= TITLE_LENGTH ?>" autofocus></label>
	<label>Text
		<textarea name="body" rows="12" required
			maxlength="<?= BODY_LENGTH ?>"><?= e($post['body']) ?></textarea></label>
	<label>Picture, up to <?= PICTURE_BYTES >> 20 ?> MB
		<input type="file" name="picture"
			accept="image/png,image/jpeg,image/gif,image/webp"></label>
<?php if (($post['picture'] ?? null) !== null): ?>
	<label class="check"><input type="checkbox" name="remove" value="1">
		Remove the picture that is there</label>
<?php endif ?>
	<button>Save</button>
</form>
