SELECT
    (SELECT count(*) FROM version) AS orders,
    (SELECT map_from_entries(list((type, n) ORDER BY type)) FROM (SELECT type, count(*) AS n FROM version GROUP BY type)
        ) AS orders_by_type,
    (SELECT count(DISTINCT coalesce('1' || customer_ref, '2' || email, '3' || loyalty_ref, '4' || phone)) FROM version) AS customers,
    (SELECT count(DISTINCT coalesce('1' || customer_ref, '2' || email, '3' || loyalty_ref, '4' || phone))
        FROM version WHERE accepts = 'true') AS accepting,
    (SELECT count(DISTINCT coalesce('1' || customer_ref, '2' || email, '3' || loyalty_ref, '4' || phone))
        FROM version WHERE accepts = 'false') AS refusing,
    (SELECT map_from_entries(list((currency, minor) ORDER BY currency)) FROM (
        SELECT currency, sum(revenue_minor)::BIGINT AS minor FROM version GROUP BY currency)) AS revenue_minor,
    min(first_at) AS first_placed_at, max(first_at) AS last_placed_at,
    coalesce(sum(line_count), 0)::BIGINT AS accepted,
    coalesce(sum(line_count) FILTER (WHERE NOT known), 0)::BIGINT AS lines_without_customer,
    coalesce(sum(exact_duplicates), 0)::BIGINT AS exact_duplicates,
    count(*) FILTER (WHERE several_times) AS several_times,
    count(*) FILTER (WHERE flag = 'ambiguous') AS ambiguous_times,
    count(*) FILTER (WHERE flag = 'nonexistent') AS nonexistent_times,
    (SELECT count(*) FROM version WHERE order_ref IN (SELECT order_ref FROM reject)
        ) AS incomplete_orders
FROM version;
