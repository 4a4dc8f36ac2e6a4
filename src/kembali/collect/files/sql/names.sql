-- Each distinct order number as the shop means it, and each distinct product name as JSON.
CREATE TABLE number AS
SELECT text, coalesce(reference(text), '') AS order_ref
FROM (SELECT DISTINCT coalesce(order_ref, '') AS text FROM raw);

CREATE TABLE name AS
SELECT text, as_json(filled(text)) AS json FROM (SELECT DISTINCT title AS text FROM raw WHERE title <> '');
