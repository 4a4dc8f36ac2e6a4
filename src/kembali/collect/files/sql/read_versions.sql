SELECT message_id, order_ref, type, first_at,
    encode('{' || concat_ws(',', '"customer_ref":' || to_json(customer_ref), '"email":' || to_json(email),
        '"phone":' || to_json(phone)) || '}') AS identifiers,
    encode(content || $ending) AS payload, line_count
FROM version ORDER BY first_at, order_ref;
