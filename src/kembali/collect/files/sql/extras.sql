-- Kept columns of the order: one value where its records agree (empty cells agree with everything), else all of them.
CREATE TABLE order_extra AS
WITH cell AS (
    SELECT reference(order_ref) AS order_ref, unnest(order_extras) AS value,
        generate_subscripts(order_extras, 1) AS position
    FROM raw WHERE order_extras IS NOT NULL
), agreed AS (
    SELECT order_ref, position, list_sort(list(DISTINCT value)) AS cells
    FROM cell WHERE value <> '' GROUP BY order_ref, position
)
SELECT order_ref, string_agg(
    ($order_names::VARCHAR[])[position]
        || CASE WHEN len(cells) = 1 THEN to_json(cells[1])::VARCHAR ELSE to_json(cells)::VARCHAR END,
    ',' ORDER BY position) AS members
FROM agreed GROUP BY order_ref;
