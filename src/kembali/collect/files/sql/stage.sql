-- Records that are no row, and rows that were refused; `value` is what offended.
CREATE TABLE reject (line BIGINT, last_line BIGINT, code VARCHAR, value VARCHAR, order_ref VARCHAR);

-- Each distinct text is understood once, in Python, and joined back. A NULL meaning = the text means nothing.
-- `minor` is the same amount in whole minor units of the shop's currency, where it is whole and at most 10^9.
CREATE TABLE amount (text VARCHAR, scaled HUGEINT, canonical VARCHAR, minor BIGINT);
CREATE TABLE pieces (text VARCHAR, quantity BIGINT);
CREATE TABLE moment (text VARCHAR, instant TIMESTAMP, flag VARCHAR);
CREATE TABLE plain_day (day VARCHAR, offset_s BIGINT);
CREATE TABLE product (text VARCHAR, json VARCHAR, properties VARCHAR);
CREATE TABLE money (text VARCHAR, code VARCHAR, divisor HUGEINT);
CREATE TABLE standing (text VARCHAR, status VARCHAR);
CREATE TABLE sort (text VARCHAR, type VARCHAR);

-- An order number or other reference as a shop means it: spreadsheets prefix an apostrophe or append ".0".
CREATE MACRO reference(cell) AS
    CASE WHEN starts_with(cell, '''') OR ends_with(cell, '.0') OR cell <> trim(cell)
         THEN regexp_replace(trim(cell), '^''?(.*?)$|^(\d+)\.0$', '\1\2') ELSE cell END;

-- Half to even, in integers: `scaled` is in 10^-10 units, `divisor` of them make one minor unit.
CREATE MACRO to_minor(scaled, divisor) AS
    sign(scaled) * (abs(scaled) // divisor + CASE
        WHEN 2 * (abs(scaled) % divisor) > divisor THEN 1
        WHEN 2 * (abs(scaled) % divisor) = divisor THEN (abs(scaled) // divisor) % 2
        ELSE 0 END);

-- The price of one piece where only the line's amount is known: six decimals, cut; the amount stays the truth.
CREATE MACRO unit_price_of(scaled, pieces) AS
    CASE WHEN pieces = 0 THEN '0' ELSE
        CASE WHEN scaled < 0 AND pieces > 0 OR scaled > 0 AND pieces < 0 THEN '-' ELSE '' END
        || rtrim(rtrim(concat((abs(scaled) // (abs(pieces) * 10000)) // 1000000, '.',
            lpad(((abs(scaled) // (abs(pieces) * 10000)) % 1000000)::VARCHAR, 6, '0')), '0'), '.') END;

-- The filled cells of a list as members of a JSON object; `names` are JSON strings with their colon.
CREATE MACRO members(names, cells) AS
    nullif(array_to_string(list_transform(
        list_filter(list_zip(names, cells), lambda pair: pair[2] <> ''),
        lambda pair: pair[1] || to_json(pair[2])::VARCHAR), ','), '');

CREATE MACRO filled(cell) AS nullif(trim(cell), '');
CREATE MACRO as_json(value) AS coalesce(to_json(value)::VARCHAR, 'null');
