<?php
// Pages: escaping, templates, redirects, and what is refused.
declare(strict_types=1);

// A request that is answered with an error of the 4xx kind.
final class Refusal extends Exception
{
	public function __construct(public readonly int $status, string $why)
	{
		parent::__construct($why);
	}
}

// The only way of a value into a page.
function e(string|int|null $text): string
{
	return htmlspecialchars((string)$text, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8');
}

// A text as its author wrote it: blank lines end paragraphs.
function paragraphs(string $text): string
{
	$parts = preg_split('/\R\s*\R/u', trim($text)) ?: [];

	return implode("\n", array_map(
		fn (string $p): string => '<p>' . nl2br(e(trim($p)), false) . '</p>',
		$parts
	));
}

function excerpt(string $text, int $length): string
{
	$line = preg_replace('/\s+/u', ' ', trim($text)) ?? '';

	return mb_strlen($line) <= $length ? $line
		: rtrim(mb_substr($line, 0, $length - 1)) . '…';
}

function moment(string $utc): string
{
	return (new DateTimeImmutable($utc, new DateTimeZone('UTC')))
		->format('j F Y, H:i');
}

// A field of a form: text without control characters but line ends.
function field(string $name, bool $trim = true): string
{
	$value = $_POST[$name] ?? '';

	if (!is_string($value) || !mb_check_encoding($value, 'UTF-8')) {
		throw new Refusal(400, 'A field of the form is not text.');
	}
	$value = preg_replace('/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/', '', $value);
	return $trim ? trim($value) : $value;
}

// A parameter of the address.
function query(string $name): string
{
	$value = $_GET[$name] ?? '';

	return is_string($value) && mb_check_encoding($value, 'UTF-8')
		? trim($value) : '';
}

// PHP drops all fields of what is larger than post_max_size.
function refuse_too_large(): void
{
	if (!$_POST && !$_FILES && (int)($_SERVER['CONTENT_LENGTH'] ?? 0) > 0
		&& str_starts_with($_SERVER['CONTENT_TYPE'] ?? '', 'multipart/')) {
		throw new Refusal(413, 'That is too large. A picture may have '
			. (PICTURE_BYTES >> 20) . ' MB.');
	}
}

function redirect(string $to): string
{
	http_response_code(303);
	header("Location: $to");
	return '';
}

// A view with its variables, inside the layout.
function page(string $view, string $title, array $with = []): string
{
	header('Content-Type: text/html; charset=utf-8');
	header("Content-Security-Policy: default-src 'self'; base-uri 'none'; "
		. "form-action 'self'; frame-ancestors 'none'");
	header('X-Content-Type-Options: nosniff');
	header('Referrer-Policy: same-origin');
	header('Cache-Control: no-store');
	header('X-Served-By: ' . php_uname('n'));
	$content = render($view, $with);
	return render('layout', [
		'title' => $title,
		'content' => $content,
		'search' => $with['search'] ?? '',
		'retry' => $with['retry'] ?? false,
		'account' => $with['bare'] ?? false ? null : account(),
		'bare' => $with['bare'] ?? false,
		'notice' => $with['bare'] ?? false ? '' : take_notice(),
	]);
}

function render(string $view, array $with): string
{
	extract($with);
	ob_start();
	try {
		require __DIR__ . "/../views/$view.php";
	} catch (Throwable $t) {
		ob_end_clean();
		throw $t;
	}
	return (string)ob_get_clean();
}

// It must work without database and session.
function error_page(int $status, string $why): string
{
	$names = [
		400 => 'Not understood', 403 => 'Refused', 404 => 'Not found',
		405 => 'Not allowed', 413 => 'Too large', 422 => 'Not accepted',
		500 => 'Failed', 503 => 'One moment',
	];

	http_response_code($status);
	return page('error', $names[$status] ?? 'Error', [
		'status' => $status,
		'why' => $why,
		'retry' => $status === 503,
		'bare' => true,
	]);
}
