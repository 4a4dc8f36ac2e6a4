-- One row per order of one bucket: its accepted lines, sorted, as the inside of a JSON array. Buckets bound memory.
SELECT order_ref, count(*) AS line_count, sum(total_minor)::BIGINT AS lines_minor,
    bool_and(total_minor = 0) AS free, count(*) - len(list_distinct(list(row_hash))) AS exact_duplicates,
    array_to_string(list_sort(list(body)), ',') AS bodies
FROM line WHERE code IS NULL AND ($buckets = 1 OR hash(order_ref) % $buckets = $bucket)
GROUP BY order_ref
