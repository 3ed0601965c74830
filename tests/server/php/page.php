<?php
// A page of some work, for load: a table that is sorted and escaped.
$rows = [];
for ($i = 0; $i < 200; $i++) {
	$rows[] = ['id' => $i, 'name' => "Name <$i> & " . md5((string)$i)];
}
usort($rows, fn ($a, $b) => $a['name'] <=> $b['name']);
echo "<!doctype html>\n<title>page</title>\n<table>\n";
foreach ($rows as $r) {
	printf("<tr><td>%d<td>%s\n", $r['id'], htmlspecialchars($r['name']));
}
echo "</table>\n";
