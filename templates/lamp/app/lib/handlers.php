<?php
// What the addresses of index.php do: each returns a page.
declare(strict_types=1);

function show_list(): string
{
	if (!installed()) {
		return redirect('/install');
	}
	$search = mb_substr(query('q'), 0, 200);
	$total = count_posts($search);
	$pages = max(1, intdiv($total + POSTS_A_PAGE - 1, POSTS_A_PAGE));
	$page = min($pages, max(1, (int)query('page')));

	return page('list', $search === '' ? 'All entries' : 'Search', [
		'posts' => find_posts($search, ($page - 1) * POSTS_A_PAGE, POSTS_A_PAGE),
		'search' => $search,
		'total' => $total,
		'page' => $page,
		'pages' => $pages,
	]);
}

function show_post(int $id): string
{
	$post = find_post($id);
	$account = account();

	return page('post', $post['title'], [
		'post' => $post,
		'own' => $account && (int)$account['id'] === (int)$post['account'],
	]);
}

function form(string $action, array $post, ?string $complaint = null): string
{
	if ($complaint !== null) {
		http_response_code(422);
	}
	return page('form', $action === '/write' ? 'New entry' : 'Change entry', [
		'action' => $action,
		'post' => $post,
		'complaint' => $complaint,
	]);
}

function show_write(): string
{
	if (!account()) {
		return redirect('/login');
	}
	return form('/write', ['title' => '', 'body' => '', 'picture' => null]);
}

function do_write(): string
{
	check_token();
	$account = need_account();
	$title = field('title');
	$body = field('body');
	$complaint = post_complaint($title, $body);
	if ($complaint !== null) {
		return form('/write', ['title' => $title, 'body' => $body,
			'picture' => null], $complaint);
	}
	$picture = store_picture('picture');
	try {
		$id = create_post((int)$account['id'], $title, $body, $picture);
	} catch (Throwable $t) {
		remove_picture($picture);
		throw $t;
	}
	leave_notice('The entry is in the log.');
	return redirect("/post/$id");
}

function show_edit(int $id): string
{
	return form("/post/$id/edit", own_post($id));
}

function do_edit(int $id): string
{
	check_token();
	$post = own_post($id);
	$title = field('title');
	$body = field('body');
	$complaint = post_complaint($title, $body);
	if ($complaint !== null) {
		return form("/post/$id/edit", ['title' => $title, 'body' => $body]
			+ $post, $complaint);
	}
	$new = store_picture('picture');
	$drop = $new !== null || field('remove') === '1';
	try {
		change_post($id, $title, $body, $drop ? $new : $post['picture']);
	} catch (Throwable $t) {
		remove_picture($new);
		throw $t;
	}
	if ($drop) {
		remove_picture($post['picture']);
	}
	leave_notice('The entry is changed.');
	return redirect("/post/$id");
}

function do_delete(int $id): string
{
	check_token();
	$post = own_post($id);
	delete_post($id);
	remove_picture($post['picture']);
	leave_notice('The entry is gone.');
	return redirect('/');
}

function show_login(): string
{
	if (!installed()) {
		return redirect('/install');
	}
	if (account()) {
		return redirect('/');
	}
	return page('login', 'Log in', ['name' => '', 'complaint' => null]);
}

function do_login(): string
{
	check_token();
	$name = field('name');
	if (!log_in($name, field('password', false))) {
		http_response_code(403);
		return page('login', 'Log in', ['name' => $name,
			'complaint' => 'No account has this name and password.']);
	}
	leave_notice("Welcome aboard, $name.");
	return redirect('/');
}

function do_logout(): string
{
	check_token();
	log_out();
	return redirect('/');
}

// There is no session before there is a schema: the form's proof is a cookie
// that another site can neither read nor send.
const INSTALL_COOKIE = 'logbook_install';

function install_form(string $name, ?string $complaint): string
{
	$proof = bin2hex(random_bytes(32));
	setcookie(INSTALL_COOKIE, $proof,
		['samesite' => 'Strict', 'path' => '/install'] + cookie_options());
	if ($complaint !== null) {
		http_response_code(422);
	}
	return page('install', 'Install', ['proof' => $proof, 'name' => $name,
		'complaint' => $complaint, 'bare' => true]);
}

function show_install(): string
{
	if (installed()) {
		throw new Refusal(404, 'This site is installed already.');
	}
	return install_form('', null);
}

function do_install(): string
{
	if (installed()) {
		throw new Refusal(403, 'This site is installed already.');
	}
	$proof = $_COOKIE[INSTALL_COOKIE] ?? '';
	if (!is_string($proof) || strlen($proof) !== 64
		|| !hash_equals($proof, field('token'))) {
		throw new Refusal(403, 'This form was not sent by this site. '
			. 'Please load it again.');
	}
	$name = field('name');
	$password = field('password', false);
	$complaint = account_complaint($name, $password);
	if ($complaint !== null) {
		return install_form($name, $complaint);
	}
	create_schema();
	create_account($name, $password);
	setcookie(INSTALL_COOKIE, '',
		['samesite' => 'Strict', 'path' => '/install'] + cookie_options(1));
	log_in($name, $password);
	leave_notice('The log is open. Write the first entry.');
	return redirect('/');
}

// For the engine: is the database there, can pictures be stored?
function show_health(): string
{
	$database = database(1)->query('SELECT VERSION()')->fetchColumn();
	$uploads = is_writable(setting('UPLOADS'));

	header('Content-Type: application/json');
	header('Cache-Control: no-store');
	header('X-Served-By: ' . php_uname('n'));
	http_response_code($uploads ? 200 : 503);
	return json_encode([
		'php' => PHP_VERSION,
		'database' => $database,
		'uploads' => $uploads,
		'installed' => installed(),
	]) . "\n";
}
