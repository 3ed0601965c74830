<?php
// What ends a request badly, by its name.
header('Content-Type: text/plain');
switch ($_GET['how']) {
case 'exception':
	throw new RuntimeException('nobody catches this');
case 'fatal':
	nothing_of_this_name();
case 'type':
	strlen([]);
case 'memory':
	$s = str_repeat('x', 200 << 20);
	break;
case 'grow':
	for ($a = [];;) {
		$a[] = str_repeat('x', 100000);
	}
case 'time':
	set_time_limit(1);
	for ($i = 0;; $i++) $x = sqrt($i); // the log names this line
case 'warning':
	echo 1 + (int)file_get_contents('/not/there'), "\n";
	break;
case 'parse':
	eval('this is not PHP');
case 'exec':
	exec('true', $out, $status);
	var_dump($out, $status, shell_exec('true'), @proc_open(['true'], [], $p),
		@popen('true', 'r'), function_exists('pcntl_fork'));
	break;
case 'dl':
	var_dump(function_exists('dl') && @dl('opcache.so'));
	break;
case 'mail':
	var_dump(@mail('a@b.example', 'subject', 'text'));
	break;
case 'abort':
	ignore_user_abort(false);
	for ($i = 0; $i < 10000; $i++) {
		echo str_repeat('x', 10000);
		flush();
	}
	break;
case 'slow':
	echo "begun\n";
	flush();
	for ($i = 0; $i < 20; $i++) {
		usleep(100000);
	}
	echo "done\n";
	break;
case 'shutdown':
	register_shutdown_function(function () {
		echo "at the end\n";
		error_log('a line of ours');
	});
	exit(3);
}
