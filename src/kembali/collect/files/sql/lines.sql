-- One row per record of the orders of one bucket: its line of the order as JSON, or the code of the first thing wrong
-- with it and what offended.
CREATE MACRO lines(first_place, end_place, has_lines, counts_pieces, line_names, shop_divisor) AS TABLE
WITH head AS (
    SELECT number.text AS written, order_ref AS ref, first_at IS NULL AS undated, mixed_currency, bad_amount,
        divisor AS minor_unit, total IS NOT NULL AS has_total
    FROM header JOIN number USING (order_ref) WHERE place >= first_place AND place < end_place
), priced AS (
    SELECT r.*, head.*, no_date.text IS NOT NULL AS misdated, money.code AS own_currency,
        standing.status AS own_status, sort.type AS own_type,
        coalesce(pieces.quantity, CASE WHEN NOT counts_pieces THEN 1 END) AS count_of_pieces,
        price.canonical, given.scaled AS given_scaled, product.json AS sku_json,
        product.properties AS sku_properties, coalesce(name.json, 'null') AS title_json,
        -- The first case is nearly all lines, and 64 bits: 10^9 pieces at 10^9 minor units fit. The others need 128.
        CASE WHEN price.minor IS NOT NULL AND minor_unit = shop_divisor THEN price.minor * count_of_pieces
             WHEN price.scaled IS NOT NULL
                 THEN TRY_CAST(to_minor(price.scaled * count_of_pieces, minor_unit) AS BIGINT)
             ELSE TRY_CAST(to_minor(given.scaled, minor_unit) AS BIGINT) END AS total_minor,
        -- Equal cells in all columns; only ever compared within one order.
        hash(r.placed_at, r.customer_ref, r.country, r.sku, r.title, r.quantity, r.unit_price, r.line_total,
             r.kind, r.updated_at, r.currency, r.status, r.cancelled_at, r.subtotal, r.discount, r.shipping, r.tax,
             r.total, r.refunded, r.email, r.phone, r.loyalty_ref, r.first_name, r.last_name, r.full_name, r.city, r.accepts_email,
             r.order_extras, r.line_extras) AS row_hash
    FROM raw r
    JOIN head ON head.written = coalesce(r.order_ref, '')
    LEFT JOIN (SELECT text FROM moment WHERE instant IS NULL) no_date ON no_date.text = r.placed_at
    LEFT JOIN pieces ON pieces.text = r.quantity
    LEFT JOIN amount price ON price.text = r.unit_price
    LEFT JOIN amount given ON given.text = r.line_total
    LEFT JOIN product ON product.text = r.sku
    LEFT JOIN name ON name.text = r.title
    LEFT JOIN money ON money.text = r.currency
    LEFT JOIN standing ON standing.text = r.status
    LEFT JOIN sort ON sort.text = r.kind
), judged AS (
    SELECT *, CASE
        WHEN ref = '' THEN 'no_order_ref'
        WHEN strlen(ref) > 150 THEN 'bad_order_ref'
        WHEN misdated THEN 'bad_date'
        WHEN undated THEN 'no_date'
        WHEN currency <> '' AND own_currency IS NULL THEN 'bad_currency'
        WHEN mixed_currency IS NOT NULL THEN 'mixed_currency'
        WHEN status <> '' AND own_status IS NULL THEN 'bad_status'
        WHEN kind <> '' AND own_type IS NULL THEN 'bad_type'
        WHEN bad_amount IS NOT NULL THEN 'bad_amount'
        WHEN NOT has_lines THEN CASE WHEN coalesce(total, '') = '' THEN 'no_total' END
        -- An order may stand there with a total and without lines: cancelled before anything was packed.
        WHEN coalesce(unit_price, line_total, '') = '' AND coalesce(sku, '') = '' AND coalesce(title, '') = ''
            AND coalesce(quantity, '') = '' AND has_total THEN NULL
        WHEN count_of_pieces IS NULL THEN 'bad_quantity'
        WHEN total_minor IS NULL OR abs(total_minor) > 9000000000000000 THEN 'bad_price'
        WHEN coalesce(sku, '') = '' AND filled(title) IS NULL THEN 'no_product'
        END AS code
    FROM priced
)
SELECT line, last_line, ref AS order_ref, row_hash, code,
    CASE WHEN code IS NULL AND has_lines THEN total_minor END AS total_minor,
    CASE code
        WHEN 'bad_order_ref' THEN ref WHEN 'bad_date' THEN placed_at WHEN 'bad_quantity' THEN quantity
        WHEN 'bad_price' THEN coalesce(nullif(unit_price, ''), line_total) WHEN 'bad_currency' THEN currency
        WHEN 'mixed_currency' THEN mixed_currency WHEN 'bad_status' THEN status WHEN 'bad_type' THEN kind
        WHEN 'bad_amount' THEN bad_amount END AS value,
    -- A JSON array: see `OrderLine`. Most lines have no properties; `concat` passes over what is NULL.
    CASE WHEN code IS NULL AND has_lines AND total_minor IS NOT NULL THEN concat(
        '[', coalesce(sku_json, to_json(trim(title))::VARCHAR), ',', title_json, ',', count_of_pieces,
        ',"', coalesce(canonical, unit_price_of(given_scaled, count_of_pieces)), '",', total_minor,
        ',{' || CASE WHEN len(line_names) = 0 THEN sku_properties
            ELSE nullif(concat_ws(',', sku_properties, members(line_names, line_extras)), '') END || '}',
        ']') END AS body
FROM judged;
