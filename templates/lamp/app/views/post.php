<article class="post">
	<h1><?= e($post['title']) ?></h1>
	<p class="by"><?= e($post['author']) ?> · <?= e(moment($post['created'])) ?>
<?php if ($post['changed'] !== null): ?>
		· changed <?= e(moment($post['changed'])) ?>
<?php endif ?>
	</p>
<?php if ($post['picture'] !== null): ?>
	<img class="picture" src="/uploads/<?= e($post['picture']) ?>"
		alt="The picture of this entry">
<?php endif ?>
	<div class="body">
<?= paragraphs($post['body']) ?>

	</div>
<?php if ($own): ?>
	<div class="actions">
		<a class="button" href="/post/<?= e($post['id']) ?>/edit">Change</a>
		<form action="/post/<?= e($post['id']) ?>/delete" method="post">
			<input type="hidden" name="token" value="<?= e(token()) ?>">
			<button class="quiet danger">Delete</button>
		</form>
	</div>
<?php endif ?>
</article>
