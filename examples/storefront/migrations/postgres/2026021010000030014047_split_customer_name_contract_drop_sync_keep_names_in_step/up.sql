-- planner: split_customer_name/contract/drop_sync_keep_names_in_step
-- Store given and family names separately
DO $planner$
BEGIN
  IF to_regclass('planner_entries') IS NOT NULL AND to_regclass('planner_open_2026021010000030014047') IS NULL THEN
    RAISE EXCEPTION USING MESSAGE = 'planner: split_customer_name/contract is not open; `planner next-phase` says what it waits for', HINT = 'run `planner next-phase` to see what it waits for';
  END IF;
END
$planner$;
SET LOCAL lock_timeout = '2000ms';
DROP TRIGGER planner_sync_split_customer_name_keep_nam_6f9c1177 ON customers;
DROP FUNCTION planner_sync_split_customer_name_keep_nam_6f9c1177();
