-- A small shop: 400 customers, 150 products, 6,000 orders, and the questions
-- that its owner asks. The data is computed, so every run gives the same.
PRAGMA journal_mode = WAL;
CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL, town TEXT);
CREATE TABLE product (
	id INTEGER PRIMARY KEY, name TEXT NOT NULL, cents INTEGER CHECK (cents > 0)
);
CREATE TABLE sale (
	id INTEGER PRIMARY KEY,
	customer INTEGER REFERENCES customer, product INTEGER REFERENCES product,
	amount INTEGER, day TEXT
);
BEGIN;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
INSERT INTO customer SELECT i, printf('customer %04d', i),
	(json_array('Aarhus', 'Bergen', 'Cork', 'Delft', 'Evora') ->> (i * 7 % 5))
	FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150)
INSERT INTO product SELECT i, printf('product %s%03d', char(65 + i % 26), i),
	99 + (i * i * 31) % 9000 FROM n;
WITH RECURSIVE n(i, r) AS (
	SELECT 1, 12345
	UNION ALL
	SELECT i + 1, (r * 1103515245 + 12345) % 2147483648 FROM n WHERE i < 6000
)
INSERT INTO sale SELECT i, 1 + (r / 65536) % 400, 1 + (r / 128) % 150,
	1 + r % 4, date('2026-01-01', '+' || (i / 20) || ' days') FROM n;
COMMIT;
CREATE INDEX sale_customer ON sale(customer);
CREATE INDEX sale_day ON sale(day);

.mode column
.headers on
.print -- Turnover by town
SELECT town, count(*) AS sales, printf('%.2f', sum(amount * cents) / 100.0) AS
	turnover
FROM sale JOIN customer ON customer.id = sale.customer
	JOIN product ON product.id = sale.product
GROUP BY town ORDER BY town;

.print -- The three best customers of each town
WITH spent AS (
	SELECT town, customer.name AS name, sum(amount * cents) AS cents
	FROM sale JOIN customer ON customer.id = sale.customer
		JOIN product ON product.id = sale.product
	GROUP BY customer.id
), ranked AS (
	SELECT *, row_number() OVER (PARTITION BY town ORDER BY cents DESC, name)
		AS place FROM spent
)
SELECT town, place, name, printf('%.2f', cents / 100.0) AS spent
FROM ranked WHERE place <= 3 ORDER BY town, place;

.print -- Monthly turnover and its running average over three months
WITH month AS (
	SELECT strftime('%Y-%m', day) AS month, sum(amount * cents) AS cents
	FROM sale JOIN product ON product.id = sale.product GROUP BY 1
)
SELECT month, printf('%.2f', cents / 100.0) AS turnover,
	printf('%.2f', avg(cents) OVER (ORDER BY month ROWS 2 PRECEDING) / 100.0)
		AS average
FROM month ORDER BY month;

.print -- Products that were never bought together with product A026
SELECT count(*) AS products FROM product WHERE id NOT IN (
	SELECT b.product FROM sale a JOIN sale b
		ON a.customer = b.customer AND a.day = b.day
	WHERE a.product = 26);

.mode list
.print -- All sales
SELECT sale.id, day, customer.name, product.name, amount, amount * cents
FROM sale JOIN customer ON customer.id = sale.customer
	JOIN product ON product.id = sale.product
ORDER BY sale.id LIMIT 3000;
UPDATE product SET cents = cents + 1 WHERE id % 3 = 0;
DELETE FROM sale WHERE day < '2026-02-01';
SELECT count(*), sum(amount), round(avg(amount), 6), total(amount) FROM sale;
VACUUM;
PRAGMA integrity_check;
SELECT lower(hex(sha3(group_concat(id || ':' || amount)))) FROM
	(SELECT id, amount FROM sale ORDER BY id);
