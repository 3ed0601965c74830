<?php
// Posts: the rows of the logbook.
declare(strict_types=1);

const POST_COLUMNS = 'posts.id, posts.account, posts.title, posts.body,
	posts.picture, posts.created, posts.changed, accounts.name AS author';

// Every word must be in the title or in the text.
function search_condition(string $search): array
{
	$conditions = ['1 = 1'];
	$values = [];

	$words = preg_split('/\s+/u', $search, 9, PREG_SPLIT_NO_EMPTY) ?: [];
	foreach (array_slice($words, 0, 8) as $word) {
		$conditions[] = "(title LIKE ? ESCAPE '!' OR body LIKE ? ESCAPE '!')";
		$like = '%' . strtr($word, ['!' => '!!', '%' => '!%', '_' => '!_']) . '%';
		array_push($values, $like, $like);
	}
	return [implode(' AND ', $conditions), $values];
}

function count_posts(string $search): int
{
	[$condition, $values] = search_condition($search);
	return (int)sql("SELECT COUNT(*) FROM posts WHERE $condition", $values)
		->fetchColumn();
}

function find_posts(string $search, int $offset, int $limit): array
{
	[$condition, $values] = search_condition($search);
	return sql(
		'SELECT ' . POST_COLUMNS . ' FROM posts
		JOIN accounts ON accounts.id = posts.account
		WHERE ' . $condition . ' ORDER BY posts.id DESC LIMIT ? OFFSET ?',
		[...$values, $limit, $offset]
	)->fetchAll();
}

function find_post(int $id): array
{
	return sql(
		'SELECT ' . POST_COLUMNS . ' FROM posts
		JOIN accounts ON accounts.id = posts.account WHERE posts.id = ?',
		[$id]
	)->fetch() ?: throw new Refusal(404, 'There is no such entry.');
}

// The one whose it is may change it.
function own_post(int $id): array
{
	$account = need_account();
	$post = find_post($id);

	if ((int)$post['account'] !== (int)$account['id']) {
		throw new Refusal(403, 'This entry is somebody else\'s.');
	}
	return $post;
}

function create_post(int $account, string $title, string $body,
	?string $picture): int
{
	sql(
		'INSERT INTO posts (account, title, body, picture)
		VALUES (?, ?, ?, ?)',
		[$account, $title, $body, $picture]
	);
	return (int)database()->lastInsertId();
}

function change_post(int $id, string $title, string $body,
	?string $picture): void
{
	sql(
		'UPDATE posts SET title = ?, body = ?, picture = ?,
		changed = CURRENT_TIMESTAMP WHERE id = ?',
		[$title, $body, $picture, $id]
	);
}

function delete_post(int $id): void
{
	sql('DELETE FROM posts WHERE id = ?', [$id]);
}

function post_complaint(string $title, string $body): ?string
{
	if ($title === '' || mb_strlen($title) > TITLE_LENGTH) {
		return 'A title has 1 to ' . TITLE_LENGTH . ' characters.';
	}
	if ($body === '' || mb_strlen($body) > BODY_LENGTH) {
		return 'A text has 1 to ' . BODY_LENGTH . ' characters.';
	}
	return null;
}
