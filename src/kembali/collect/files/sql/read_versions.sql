-- The order versions of one bucket as they go into the log. Written after the sort, so that the first come out early.
WITH sorted AS (
    SELECT * FROM version WHERE place >= $first AND place < $end ORDER BY place
), written AS (
    SELECT order_ref, type, first_at, customer_ref, email, phone, loyalty_ref, line_count, concat(
        '{"order_ref":', to_json(order_ref), ',"type":"', type,
        '","placed_at":"', strftime(first_at, '%Y-%m-%dT%H:%M:%SZ'), '","time_flag":', as_json(flag),
        ',"currency":"', currency, '","status":"', status,
        '","updated_at":', as_json(strftime(updated_at, '%Y-%m-%dT%H:%M:%SZ')),
        ',"totals":', to_json({
            'subtotal_minor': coalesce(subtotal_minor, lines_minor), 'discount_minor': discount_minor,
            'shipping_minor': shipping_minor, 'tax_minor': tax_minor, 'total_minor': total_minor,
            'refunded_minor': refunded_minor}),
        ',"customer":{"customer_ref":', as_json(customer_ref), ',"email":', as_json(email),
        ',"phone":', as_json(phone), ',"first_name":', as_json(first_name), ',"last_name":', as_json(last_name),
        ',"country":', as_json(country), ',"city":', as_json(city), ',"accepts_email":', accepts,
        -- Left out where there is none: the digest of every other order stays what it was.
        ',"loyalty_ref":' || to_json(loyalty_ref),
        '},"properties":{', members, '},"lines":[', bodies, ']') AS content
    FROM sorted
)
SELECT order_ref || ':' || md5(content) AS message_id, order_ref, type, first_at,
    encode('{' || concat_ws(',', '"customer_ref":' || to_json(customer_ref), '"email":' || to_json(email),
        '"loyalty_ref":' || to_json(loyalty_ref), '"phone":' || to_json(phone)) || '}') AS identifiers,
    encode(content || $ending) AS payload, line_count
FROM written;
