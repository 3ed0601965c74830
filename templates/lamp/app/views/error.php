<section class="sheet small error">
	<h1><?= e($status) ?></h1>
	<p><?= e($why) ?></p>
	<p><a href="/">To the log</a></p>
</section>
