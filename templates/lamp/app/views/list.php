<div class="heading">
	<h1><?= $search === '' ? 'The log' : 'Found for “' . e($search) . '”' ?></h1>
	<span class="count"><?= e($total) ?> <?=
		$total === 1 ? 'entry' : 'entries' ?></span>
</div>
<?php if (!$posts): ?>
<p class="empty"><?= $search === '' ? 'Nothing has been written yet.'
	: 'No entry has all of these words.' ?></p>
<?php endif ?>
<div class="cards">
<?php foreach ($posts as $post): ?>
	<article class="card">
<?php if ($post['picture'] !== null): ?>
		<a class="picture" href="/post/<?= e($post['id']) ?>"><img
			src="/uploads/<?= e($post['picture']) ?>" alt=""></a>
<?php endif ?>
		<div class="text">
			<h2><a href="/post/<?= e($post['id']) ?>"><?=
				e($post['title']) ?></a></h2>
			<p><?= e(excerpt($post['body'], 180)) ?></p>
			<p class="by"><?= e($post['author']) ?> ·
				<?= e(moment($post['created'])) ?></p>
		</div>
	</article>
<?php endforeach ?>
</div>
<?php if ($pages > 1): ?>
<nav class="pages" aria-label="Pages">
<?php
	$at = fn (int $n): string => '/?' . http_build_query(
		($search === '' ? [] : ['q' => $search]) + ['page' => $n]
	);
?>
<?php if ($page > 1): ?>
	<a rel="prev" href="<?= e($at($page - 1)) ?>">Newer</a>
<?php endif ?>
	<span>Page <?= e($page) ?> of <?= e($pages) ?></span>
<?php if ($page < $pages): ?>
	<a rel="next" href="<?= e($at($page + 1)) ?>">Older</a>
<?php endif ?>
</nav>
<?php endif ?>
