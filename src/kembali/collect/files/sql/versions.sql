-- One row per order of one bucket: everything an order version says, resolved; `bodies` is the inside of a JSON array
-- with its accepted lines, sorted; `refused` are its other records. Orders without any accepted line are here as well.
WITH draft AS (
    SELECT order_ref, count(*) FILTER (WHERE code IS NULL) AS line_count, sum(total_minor)::BIGINT AS lines_minor,
        bool_and(total_minor = 0) AS free,
        line_count - len(list_distinct(list(row_hash) FILTER (WHERE code IS NULL))) AS exact_duplicates,
        array_to_string(list_sort(list(body) FILTER (WHERE body IS NOT NULL)), ',') AS bodies,
        list({line: line, last_line: last_line, code: code, value: left(value, 80)}) FILTER (WHERE code IS NOT NULL)
            AS refused
    FROM lines($first, $end, $has_lines, $counts_pieces, $line_names, $divisor) GROUP BY order_ref
), amounts AS (
    SELECT header.*, draft.* EXCLUDE order_ref, order_extra.members,
        to_minor(subtotal, divisor)::BIGINT AS subtotal_minor, to_minor(discount, divisor)::BIGINT AS discount_minor,
        to_minor(shipping, divisor)::BIGINT AS shipping_minor, to_minor(tax, divisor)::BIGINT AS tax_minor,
        to_minor(refunded, divisor)::BIGINT AS refunded_minor,
        -- A "total" that differs between the records of one order is some other column: the lines count then.
        CASE WHEN $has_lines AND (total IS NULL OR several_totals)
             THEN lines_minor - coalesce(discount_minor, 0) + coalesce(shipping_minor, 0)
             ELSE to_minor(total, divisor)::BIGINT END AS total_minor,
        coalesce(customer_ref, email, phone, loyalty_ref) IS NOT NULL AS known
    FROM draft JOIN header USING (order_ref) LEFT JOIN order_extra USING (order_ref)
), resolved AS (
    SELECT * REPLACE (
        CASE WHEN type IS NOT NULL THEN type
             WHEN starts_with(order_ref, $adjustment_prefix) THEN 'adjustment'
             WHEN starts_with(order_ref, $cancellation_prefix) THEN 'cancellation'
             WHEN $free_is_adjustment AND free AND NOT known THEN 'adjustment'
             WHEN total_minor < 0 THEN 'cancellation'
             ELSE 'order' END AS type,
        CASE WHEN cancelled THEN 'cancelled'
             WHEN coalesce(status, 'paid') = 'paid' AND total_minor > 0 AND refunded_minor >= total_minor THEN 'refunded'
             ELSE coalesce(status, 'paid') END AS status,
        CASE WHEN first_name IS NULL AND last_name IS NULL THEN split_part(full_name, ' ', 1)
             ELSE first_name END AS first_name,
        CASE WHEN first_name IS NULL AND last_name IS NULL
             THEN nullif(trim(substr(full_name, length(split_part(full_name, ' ', 1)) + 1)), '')
             ELSE last_name END AS last_name),
        CASE WHEN accepts_email IN ('yes', 'true', '1', 'y', 't', 'ja') THEN 'true'
             WHEN accepts_email IN ('no', 'false', '0', 'n', 'f', 'nein') THEN 'false' ELSE 'null' END AS accepts
    FROM amounts
)
SELECT *, coalesce(lines_minor, total_minor) AS revenue_minor FROM resolved
