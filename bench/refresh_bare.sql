-- The scans and aggregations a refresh is made of, written by hand for DuckDB: what each customer's row says, who fits the
-- eight shipped segments since when, cohorts and repeat figures. `purchases` is a view of the lake's files; :as_of the moment.

CREATE TEMP TABLE g AS
SELECT customer_id, placed_at, placed_on, net_minor, margin_minor, p1,
       CASE WHEN placed_on > p1 THEN round(ln(placed_on - p1) * 10000)::BIGINT END AS lg,
       CASE WHEN p1 > p2 THEN round(ln(p1 - p2) * 10000)::BIGINT END AS elg,
       p1 IS NOT NULL AND p2 IS NULL AS is_second
FROM (SELECT *, lag(placed_on) OVER w AS p1, lag(placed_on, 2) OVER w AS p2
      FROM purchases WHERE placed_at < :as_of
      WINDOW w AS (PARTITION BY customer_id ORDER BY placed_at));

CREATE TEMP TABLE c AS
SELECT customer_id, min(placed_at) AS first_at, max(placed_at) AS last_at, min(placed_on) AS first_on,
       max(placed_on) AS last_on, count(*) AS orders, sum(net_minor)::BIGINT AS net, sum(margin_minor)::BIGINT AS margin,
       count(lg) AS n, coalesce(sum(lg), 0)::DOUBLE / 10000 AS s, coalesce(sum(lg * lg), 0)::DOUBLE / 1e8 AS q,
       date_trunc('month', max(placed_on)) AS month
FROM g GROUP BY customer_id;

CREATE TEMP TABLE sums AS
SELECT date_trunc('month', placed_on) AS gap_month, count(*) FILTER (is_second) AS firsts,
       coalesce(sum(lg) FILTER (is_second), 0)::DOUBLE / 10000 AS first_sum,
       coalesce(sum(lg * lg) FILTER (is_second), 0)::DOUBLE / 1e8 AS first_square, count(elg) AS pairs,
       coalesce(sum((lg - elg) * (lg - elg)), 0)::DOUBLE / 1e8 AS pair_square
FROM g WHERE lg IS NOT NULL GROUP BY ALL;

CREATE TEMP TABLE prior AS
WITH known AS (
  SELECT m.month, coalesce(date_diff('month', min(gap_month), m.month), 0) AS age, coalesce(sum(firsts), 0) AS f,
         coalesce(sum(first_sum), 0) AS fs, coalesce(sum(first_square), 0) AS fq, coalesce(sum(pairs), 0) AS p,
         coalesce(sum(pair_square), 0) AS pq
  FROM (SELECT DISTINCT month FROM c) m LEFT JOIN sums ON m.month > gap_month GROUP BY m.month),
seen AS (SELECT *, greatest(1 - age / 12.0, 0) AS unseen, fs / greatest(f, 1) AS mean, pq / 2 / greatest(p, 1) AS within
         FROM known)
SELECT month, round((mean * f + 4.09 * greatest(f * unseen, 30)) / (f + greatest(f * unseen, 30)), 2) AS mu,
       round(greatest((within * p + .64 * greatest(p * unseen, 30)) / (p + greatest(p * unseen, 30)), .01), 2) AS w,
       round(greatest((greatest(fq / greatest(f, 1) - mean * mean - within, 0) * f + .36 * greatest(f * unseen, 30))
                      / (f + greatest(f * unseen, 30)), .01), 2) AS b
FROM seen;

CREATE TEMP TABLE points AS
WITH r AS (SELECT v, 2 * sum(k) OVER (ORDER BY v) - k AS rank, 2 * sum(k) OVER () AS n
           FROM (SELECT last_on AS v, count(*) AS k FROM c GROUP BY 1)),
     f AS (SELECT v, 2 * sum(k) OVER (ORDER BY v) - k AS rank, 2 * sum(k) OVER () AS n
           FROM (SELECT orders AS v, count(*) AS k FROM c GROUP BY 1)),
     m AS (SELECT v, 2 * sum(k) OVER (ORDER BY v) - k AS rank, 2 * sum(k) OVER () AS n
           FROM (SELECT net AS v, count(*) AS k FROM c GROUP BY 1))
SELECT * FROM
  (SELECT min(v) FILTER (5 * rank >= n) AS r2, min(v) FILTER (5 * rank >= 2 * n) AS r3,
          min(v) FILTER (5 * rank >= 3 * n) AS r4, min(v) FILTER (5 * rank >= 4 * n) AS r5 FROM r),
  (SELECT min(v) FILTER (5 * rank >= n) AS f2, min(v) FILTER (5 * rank >= 2 * n) AS f3,
          min(v) FILTER (5 * rank >= 3 * n) AS f4, min(v) FILTER (5 * rank >= 4 * n) AS f5 FROM f),
  (SELECT min(v) FILTER (5 * rank >= n) AS m2, min(v) FILTER (5 * rank >= 2 * n) AS m3,
          min(v) FILTER (5 * rank >= 3 * n) AS m4, min(v) FILTER (5 * rank >= 4 * n) AS m5 FROM m);

CREATE TEMP TABLE t AS
WITH a AS (
  SELECT c.*, (w / b * mu + s) / (w / b + n) AS centre, 6 + greatest(n - 1, 0) AS df,
         (6 * w + greatest(q - s * s / greatest(n, 1), 0)) / (6 + greatest(n - 1, 0)) AS v, w / b + n AS k,
         epoch_us(last_at) // 1000000 AS at_s
  FROM c JOIN prior USING (month)),
d AS (
  SELECT *, sqrt(v * (1 + 1 / k)) AS sd, exp(centre + v / 2) AS mean,
         1.2815516 + .8466 / df + .5708 / (df * df) + .32 / (df * df * df) AS t90,
         2.3263479 + 3.729 / df + 4.72 / (df * df) + 4.1 / (df * df * df) AS t99 FROM a),
e AS (
  SELECT *, least(exp(centre), 3650) AS mid, least(exp(centre - t90 * sd), 3650) AS low,
         least(exp(centre + t90 * sd), 3650) AS high, least(exp(centre + t99 * sd), 3650) AS far FROM d),
i AS (SELECT *, greatest(high, 1.5 * least(mean, 3650), 2) AS idle FROM e),
z AS (SELECT i.*, 1 + (last_on >= r2)::TINYINT + (last_on >= r3)::TINYINT + (last_on >= r4)::TINYINT
               + coalesce(last_on >= r5, false)::TINYINT AS rq,
             CASE WHEN orders <= 1 THEN 1 ELSE 1 + (orders >= f2)::TINYINT + coalesce(orders >= f3, false)::TINYINT
               + coalesce(orders >= f4, false)::TINYINT + coalesce(orders >= f5, false)::TINYINT END AS fq,
             1 + (net >= m2)::TINYINT + (net >= m3)::TINYINT + (net >= m4)::TINYINT + (net >= m5)::TINYINT AS mq
      FROM i, points)
SELECT customer_id, orders, first_at, last_at, net, margin, round(net / orders)::BIGINT AS aov,
       CASE WHEN n > 0 THEN round(mean, 3) END AS gap_mean, CASE WHEN n > 0 THEN round(mean * sqrt(exp(v) - 1), 3) END AS gap_sd,
       to_timestamp(at_s + round(mid * 86400)) AS expected_at, to_timestamp(at_s + round(low * 86400)) AS low_at,
       to_timestamp(at_s + round(high * 86400)) AS high_at, to_timestamp(at_s + round(idle * 86400)) AS idle_from,
       to_timestamp(at_s + round(greatest(far, 2 * idle) * 86400)) AS lost_from, rq, fq, mq,
       CASE WHEN (rq = 5 AND fq >= 4) OR (rq = 4 AND fq = 5) THEN 'Champions'
            WHEN (rq = 4 AND fq = 4) OR (rq = 3 AND fq >= 4) THEN 'Loyal'
            WHEN rq >= 4 AND fq IN (2, 3) THEN 'Potential loyal' WHEN rq = 5 THEN 'New' WHEN rq = 4 THEN 'Promising'
            WHEN rq = 3 AND fq = 3 THEN 'Needs attention' WHEN rq = 3 THEN 'About to sleep'
            WHEN (rq = 2 AND fq IN (3, 4)) OR (rq = 1 AND fq = 3) THEN 'At risk' WHEN fq >= 4 THEN 'Can''t lose'
            WHEN rq = 2 OR fq = 2 THEN 'Hibernating' ELSE 'Lost' END AS rfm_group
FROM z;

CREATE TEMP TABLE members AS
SELECT 1 AS segment, customer_id, last_at AS since FROM t WHERE first_at > :as_of - INTERVAL 30 DAY
UNION ALL SELECT 2, customer_id, last_at FROM t WHERE idle_from > :as_of
UNION ALL SELECT 3, customer_id, last_at FROM t WHERE orders >= 3 AND lost_from > :as_of
UNION ALL SELECT 4, customer_id, idle_from FROM t WHERE orders >= 2 AND idle_from <= :as_of AND lost_from > :as_of
UNION ALL SELECT 5, customer_id, idle_from FROM t WHERE orders >= 3 AND idle_from <= :as_of AND lost_from > :as_of
UNION ALL SELECT 6, customer_id, lost_from FROM t WHERE lost_from <= :as_of
UNION ALL SELECT 7, customer_id, last_at FROM t WHERE mq = 5
UNION ALL SELECT 8, customer_id, last_at FROM t WHERE orders = 1;

CREATE TEMP TABLE cohorts AS
SELECT date_trunc('month', first_on) AS cohort, date_trunc('month', placed_on) AS month, count(*) AS returned
FROM g JOIN c USING (customer_id) WHERE p1 IS NULL OR date_trunc('month', p1) < date_trunc('month', placed_on) GROUP BY ALL;

CREATE TEMP TABLE seconds AS
SELECT customer_id, first_at, first_on, epoch(g.placed_at - first_at) AS wait_s
FROM c LEFT JOIN (SELECT customer_id, placed_at FROM g WHERE is_second) g USING (customer_id);

CREATE TEMP TABLE repeats AS
SELECT date_trunc('month', first_on) AS cohort, count(*) AS n, count(*) FILTER (wait_s <= 90 * 86400) AS again
FROM seconds WHERE first_at <= :as_of - INTERVAL 90 DAY GROUP BY ALL;
CREATE TEMP TABLE waits AS SELECT quantile_cont(wait_s, [.25, .5, .75]) FROM seconds;
CREATE TEMP TABLE rate AS SELECT count(*), count(*) FILTER (orders > 1) FROM c WHERE last_at >= :as_of - INTERVAL 365 DAY;
CREATE TEMP TABLE cells AS SELECT rq, fq, count(*), sum(net) FROM t GROUP BY ALL;
