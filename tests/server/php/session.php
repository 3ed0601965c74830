<?php
session_start();
if (isset($_GET['end'])) {
	session_destroy();
	exit("ended\n");
}
if (isset($_GET['new'])) {
	session_regenerate_id(true);
}
$_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1;
$_SESSION['list'][] = ['at' => $_SESSION['n']];
echo $_SESSION['n'], ' ', count($_SESSION['list']), "\n";
