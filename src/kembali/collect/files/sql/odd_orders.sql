-- The orders of which a line must know something: what is wrong with them, or another currency's minor unit.
CREATE TABLE odd_order AS
SELECT order_ref, first_at IS NULL AS undated, mixed_currency, bad_amount, divisor FROM header
WHERE first_at IS NULL OR mixed_currency IS NOT NULL OR bad_amount IS NOT NULL OR divisor <> $divisor;
