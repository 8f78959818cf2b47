-- planner: drop_saved_carts/contract/drop_table_saved_carts
-- Saved carts are gone from the shop
DO $planner$
BEGIN
  IF to_regclass('planner_entries') IS NOT NULL AND to_regclass('planner_open_20260303130000300116f7') IS NULL THEN
    RAISE EXCEPTION USING MESSAGE = 'planner: drop_saved_carts/contract is not open; `planner next-phase` says what it waits for', HINT = 'run `planner next-phase` to see what it waits for';
  END IF;
END
$planner$;
SET LOCAL lock_timeout = '2000ms';
DROP TABLE saved_carts;
