<?php
// What a request brings: query, form, body, headers, cookies.
header('Content-Type: text/plain');
header('X-Method: ' . $_SERVER['REQUEST_METHOD']);
setcookie('seen', (string)(($_COOKIE['seen'] ?? 0) + 1));
if (isset($_GET['status'])) {
	http_response_code((int)$_GET['status']);
}
foreach (['_GET', '_POST', '_COOKIE'] as $name) {
	echo $name, ' ', json_encode($GLOBALS[$name]), "\n";
}
$body = file_get_contents('php://input');
echo strlen($body), ' ', md5($body), "\n";
if (str_contains($_SERVER['CONTENT_TYPE'] ?? '', 'json')) {
	echo json_encode(json_decode($body, true)), "\n";
}
foreach (['SCRIPT_NAME', 'PHP_SELF', 'REQUEST_URI', 'QUERY_STRING',
	'HTTP_X_OF_OURS', 'DOCUMENT_ROOT', 'SERVER_PROTOCOL'] as $name) {
	echo $name, '=', str_replace($_SERVER['DOCUMENT_ROOT'], 'ROOT',
		$_SERVER[$name] ?? '(none)'), "\n";
}
echo PHP_SAPI, ' ', PHP_OS_FAMILY, "\n";
