<?php
// What must be the same wherever PHP runs: numbers, text, dates, sorting.
function say(string $name, mixed $value): void
{
	echo $name, ': ', var_export($value, true), "\n";
}

say('integers', [PHP_INT_MAX, PHP_INT_MIN, 7 <=> 8, intdiv(-7, 2), -7 % 3]);
say('floats', [0.1 + 0.2, sqrt(2), M_PI, 1e308 * 10, -0.0, round(2.5),
	round(-1.955, 2), fmod(7.5, 2), number_format(1234567.891, 2)]);
say('format', [sprintf('%05.1f|%-6s|%+d|%x|%e|%b', 3.14159, 'ab', 7, 255,
	12345.678, 10), sscanf('age: 25 name: Al', 'age: %d name: %s')]);
foreach ([1, 2] as $seed) {
	mt_srand($seed);
	say("random $seed", [mt_rand(), mt_rand(1, 100), rand(1, 6)]);
}
say('json', json_encode(['a' => [1, 2.5, null, true], 'ü' => "\u{1F600}\"/"],
	JSON_UNESCAPED_UNICODE | JSON_PRETTY_PRINT));
try {
	json_decode('{"a":', false, 512, JSON_THROW_ON_ERROR);
} catch (JsonException $e) {
	say('bad json', $e->getMessage());
}
say('deep', serialize(unserialize(serialize([new ArrayObject([1, 'x']), 1.5]))));
foreach (['md5', 'sha256', 'crc32b', 'xxh3', 'sha3-256', 'whirlpool'] as $a) {
	say($a, hash($a, str_repeat('keel', 1000)));
}
say('hmac', hash_hmac('sha1', 'data', 'key'));
say('password', password_verify('secret', password_hash('secret',
	PASSWORD_BCRYPT, ['cost' => 4])));
say('bytes', strlen(random_bytes(16)));

// Text.
$s = 'Ärger über Straßen — 日本語 テスト';
say('mb', [mb_strlen($s), mb_strtoupper($s), mb_substr($s, -6, 3),
	mb_strpos($s, '日'), mb_convert_case('straße', MB_CASE_TITLE),
	mb_strwidth($s), mb_detect_encoding($s, ['ASCII', 'UTF-8']),
	bin2hex(mb_convert_encoding($s, 'SJIS', 'UTF-8')),
	bin2hex(mb_convert_encoding('日本', 'EUC-JP', 'UTF-8')),
	mb_encode_mimeheader('Grüße', 'UTF-8'), mb_check_encoding("\xff")]);
mb_regex_encoding('UTF-8');
say('mb regex', [mb_ereg_replace('[あ-ん]+', '-', 'あいうx漢字えお'),
	mb_split('\s', 'a b　c')]);
say('iconv', [bin2hex(iconv('UTF-8', 'ISO-8859-1', 'Grüße')),
	iconv_strlen($s, 'UTF-8'), @iconv('UTF-8', 'US-ASCII', 'ü')]);
say('ctype', [ctype_alpha('abc'), ctype_digit('12x'), ctype_xdigit('fF0')]);
say('filter', [filter_var('a@b.example', FILTER_VALIDATE_EMAIL),
	filter_var('10.0.0.256', FILTER_VALIDATE_IP),
	filter_var('0x1A', FILTER_VALIDATE_INT, FILTER_FLAG_ALLOW_HEX)]);
say('html', htmlspecialchars('<a href="x">\'ü\'</a>'));
say('compare', [strnatcmp('img12', 'img10'), similar_text('World', 'Word'),
	levenshtein('kitten', 'sitting'), soundex('Robert'), metaphone('Thompson')]);
say('zlib', [md5(gzuncompress(gzcompress($s, 9))), strlen(gzdeflate(
	str_repeat($s, 500))), gzdecode(gzencode('x'))]);
say('type', (new finfo(FILEINFO_MIME))->buffer(base64_decode(
	'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGA'
	. 'WjR9awAAAABJRU5ErkJggg==')));
say('tokens', array_map(fn ($t) => is_array($t) ? token_name($t[0]) : $t,
	token_get_all('<?php echo 1 + $x; ?>')));

// Patterns.
preg_match('/(?<year>\d{4})-(?<month>\d\d)/', 'on 2024-03-31', $m);
say('preg', [$m, preg_split('/[\s,]+/', 'a, b  c,d'),
	preg_replace('/(\p{Lu})(\p{Ll}+)/u', '$2$1', 'Ärger Über Straße'),
	preg_replace_callback('/\d+/', fn ($m) => $m[0] * 2, 'a1 b22 c333'),
	preg_quote('a.b*c'), preg_match('/(?:\D+|<\d+>)*[!?]/', 'foobar foobar'),
	preg_last_error_msg()]);
ini_set('pcre.backtrack_limit', '1000');
preg_match('/(a+)+$/', str_repeat('a', 100) . 'b');
say('limit', preg_last_error_msg());
ini_set('pcre.backtrack_limit', '1000000');

// Dates, with the time zones.
foreach (['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata',
	'Australia/Lord_Howe'] as $zone) {
	$z = new DateTimeZone($zone);
	$d = new DateTimeImmutable('2024-03-31 01:59:59 UTC');
	$out = [];
	foreach (['+0 sec', '+1 sec', '+6 months', '-40 years', 'last day of'] as $w) {
		$out[] = $d->modify($w)->setTimezone($z)->format(DATE_RFC2822 . ' T I');
	}
	say($zone, $out);
	say("$zone changes", array_map(fn ($t) => [$t['ts'], $t['abbr']],
		$z->getTransitions(1700000000, 1740000000)));
}
say('zones', count(DateTimeZone::listIdentifiers()));
say('diff', (new DateTime('2000-02-29'))->diff(new DateTime('2024-03-01'))
	->format('%y %m %d %a'));
say('period', array_map(fn ($d) => $d->format('D Y-m-d'), iterator_to_array(
	new DatePeriod(new DateTime('2024-02-28'), new DateInterval('P1D'), 3))));
say('mktime', mktime(12, 0, 0, 2, 30, 2023));
say('parse', date_parse('next monday 3pm Europe/Berlin')['relative'] ?? null);

// Sorting and structures.
mt_srand(42);
$n = [];
for ($i = 0; $i < 20000; $i++) {
	$n[] = mt_rand();
}
sort($n);
say('sorted', md5(implode(',', $n)));
usort($n, fn ($a, $b) => strrev("$a") <=> strrev("$b"));
say('by a function', md5(implode(',', $n)));
$h = new SplPriorityQueue();
foreach (['low' => 1, 'high' => 9, 'mid' => 5] as $k => $p) {
	$h->insert($k, $p);
}
say('heap', [$h->extract(), $h->extract(), $h->extract()]);
$mixed = ['b' => 2, 'a' => 1, 'c' => 3];
ksort($mixed);
say('keys', [$mixed, array_multisort($mixed), array_unique([1, '1', 2.0, 2])]);

// Generators, fibers, closures, enums.
function evens(int $to): Generator
{
	for ($i = 0; $i <= $to; $i += 2) {
		$got = yield $i;
		if ($got) {
			return $got;
		}
	}
}
say('generator', array_sum(iterator_to_array(evens(1000))));
$f = new Fiber(function (int $x): string {
	for ($i = 0; $i < 3; $i++) {
		$x += Fiber::suspend($x);
	}
	return "end $x";
});
$out = [$f->start(1)];
while (!$f->isTerminated()) {
	$out[] = $f->resume(10);
}
say('fiber', [$out, $f->getReturn()]);
enum Suit: string
{
	case Hearts = 'H';
	case Spades = 'S';
}
say('enum', [Suit::from('H')->name, Suit::tryFrom('X')]);
say('match', (fn (int $x) => match (true) {
	$x < 10 => 'small',
	default => 'large'
})(12));
say('recursion', (function () {
	$deep = fn (int $n) => $n ? 1 + $GLOBALS['deep']($n - 1) : 0;
	$GLOBALS['deep'] = $deep;
	return $deep(20000);
})());

// Errors that are caught.
foreach ([fn () => intdiv(1, 0), fn () => strlen(), fn () => [] > 1 ? null :
	throw new DomainException('mine', 3), fn () => nothing()] as $try) {
	try {
		$try();
	} catch (Throwable $e) {
		say(get_class($e), [$e->getMessage(), $e->getCode()]);
	} finally {
		echo "finally\n";
	}
}
set_error_handler(fn (int $no, string $what) => say('handled', [$no, $what]));
echo $undefined, "\n";
restore_error_handler();

// The host's clock and the files.
$t = hrtime(true);
usleep(20000);
say('slept', hrtime(true) - $t >= 20000000);
say('usage', getrusage()['ru_utime.tv_sec'] >= 0 && memory_get_usage() > 0);
$dir = sys_get_temp_dir() . '/php-' . getmypid();
mkdir($dir);
file_put_contents("$dir/a.txt", str_repeat("line\n", 1000), LOCK_EX);
file_put_contents("$dir/a.txt", 'end', FILE_APPEND);
$f = fopen("$dir/a.txt", 'r+');
say('locks', [flock($f, LOCK_EX | LOCK_NB), flock($f, LOCK_UN)]);
fseek($f, -3, SEEK_END);
say('file', [fgets($f), ftruncate($f, 10), filesize("$dir/a.txt"),
	rename("$dir/a.txt", "$dir/b.txt"), scandir($dir), is_writable($dir),
	copy("$dir/b.txt", "$dir/c.txt"), md5_file("$dir/c.txt"),
	array_map('basename', glob("$dir/*.txt"))]);
fclose($f);
array_map('unlink', glob("$dir/*"));
say('gone', [rmdir($dir), file_exists($dir)]);
say('loopback', (function () {
	$s = stream_socket_server('tcp://127.0.0.1:0');
	$c = stream_socket_client('tcp://' . stream_socket_get_name($s, false));
	$a = stream_socket_accept($s, 10);
	fwrite($c, "over tcp\n");
	return [fgets($a), gethostbyname('localhost')];
})());
