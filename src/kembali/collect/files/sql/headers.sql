-- One row per order number: its order-level fields, from whichever of its records carry them, and its place in time.
-- Records without a number share the row '', of which no version is made. The smallest of several different values
-- counts, so that the order of the records in the file never matters; rejected records help as well: a wrong price does
-- not make the date beside it wrong.
CREATE TABLE header AS
WITH said AS (
    -- Nearly all lines of an order say the same: from here on there are as many rows as orders.
    SELECT DISTINCT order_ref, kind, placed_at, updated_at, currency, status, cancelled_at, subtotal, discount,
        shipping, tax, total, refunded, customer_ref, email, phone, loyalty_ref, first_name, last_name, full_name,
        country, city, accepts_email
    FROM raw
), gathered AS (
    SELECT coalesce(reference(r.order_ref), '') AS order_ref,
        min(placed.instant) AS first_at, arg_min(placed.flag, placed.instant) AS flag,
        min(placed.instant) < max(placed.instant) AS several_times,
        max(updated.instant) AS updated_at,
        coalesce(min(money.code), $currency) AS currency, coalesce(min(money.divisor), $divisor) AS divisor,
        CASE WHEN min(money.code) < max(money.code) THEN min(money.code) || ' and ' || max(money.code)
            END AS mixed_currency,
        max(sort.type) AS type, max(standing.status) AS status,
        count(*) FILTER (WHERE r.cancelled_at <> '') > 0 AS cancelled,
        min(subtotal.scaled) AS subtotal, min(discount.scaled) AS discount, min(shipping.scaled) AS shipping,
        min(tax.scaled) AS tax, min(total.scaled) AS total, min(total.scaled) < max(total.scaled) AS several_totals,
        min(refunded.scaled) AS refunded,
        min(coalesce(
            CASE WHEN subtotal.scaled IS NULL THEN nullif(r.subtotal, '') END,
            CASE WHEN discount.scaled IS NULL THEN nullif(r.discount, '') END,
            CASE WHEN shipping.scaled IS NULL THEN nullif(r.shipping, '') END,
            CASE WHEN tax.scaled IS NULL THEN nullif(r.tax, '') END,
            CASE WHEN total.scaled IS NULL THEN nullif(r.total, '') END,
            CASE WHEN refunded.scaled IS NULL THEN nullif(r.refunded, '') END)) AS bad_amount,
        min(nullif(reference(r.customer_ref), '')) AS customer_ref,
        lower(min(filled(r.email))) AS email, nullif(ltrim(min(filled(r.phone)), ''''), '') AS phone,
        min(nullif(reference(r.loyalty_ref), '')) AS loyalty_ref,
        min(filled(r.first_name)) AS first_name, min(filled(r.last_name)) AS last_name,
        min(filled(r.full_name)) AS full_name, min(filled(r.country)) AS country, min(filled(r.city)) AS city,
        min(lower(filled(r.accepts_email))) AS accepts_email
    FROM said r
    LEFT JOIN moment placed ON placed.text = r.placed_at
    LEFT JOIN moment updated ON updated.text = r.updated_at
    LEFT JOIN money ON money.text = r.currency
    LEFT JOIN standing ON standing.text = r.status
    LEFT JOIN sort ON sort.text = r.kind
    LEFT JOIN amount subtotal ON subtotal.text = r.subtotal
    LEFT JOIN amount discount ON discount.text = r.discount
    LEFT JOIN amount shipping ON shipping.text = r.shipping
    LEFT JOIN amount tax ON tax.text = r.tax
    LEFT JOIN amount total ON total.text = r.total
    LEFT JOIN amount refunded ON refunded.text = r.refunded
    GROUP BY 1
)
SELECT *, row_number() OVER (ORDER BY first_at, order_ref) - 1 AS place FROM gathered;
