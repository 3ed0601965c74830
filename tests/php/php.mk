# SPDX-License-Identifier: Apache-2.0
# PHP's own tests, on the host and in the guest: some of them in `make check`,
# all by `make php-tests` (PHP_TESTS: other folders of its source).
TESTS += tests/php/phpt.t tests/php/sample.t
PHP_TESTS ?= Zend/tests tests

.PHONY: php-tests
php-tests: deps
	@$(MAKE) --no-print-directory all $(B)/server/php.built
	@SLIPWAY=$(abspath $(B))/bin/slipway B=$(abspath $(B)) \
		tests/php/all $(PHP_TESTS)
