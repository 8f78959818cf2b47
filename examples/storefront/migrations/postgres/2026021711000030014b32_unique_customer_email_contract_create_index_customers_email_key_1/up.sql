-- planner: unique_customer_email/contract/create_index_customers_email_key
-- One customer an address
DO $planner$
BEGIN
  IF to_regclass('planner_entries') IS NOT NULL AND to_regclass('planner_open_2026021711000030014b32') IS NULL THEN
    RAISE EXCEPTION USING MESSAGE = 'planner: unique_customer_email/contract is not open; `planner next-phase` says what it waits for', HINT = 'run `planner next-phase` to see what it waits for';
  END IF;
END
$planner$;
