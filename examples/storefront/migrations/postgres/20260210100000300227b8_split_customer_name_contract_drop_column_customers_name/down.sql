-- planner: split_customer_name/contract/drop_column_customers_name
-- Store given and family names separately
SET LOCAL lock_timeout = '2000ms';
ALTER TABLE customers ADD COLUMN name text;
UPDATE customers SET name = (trim(given_name || ' ' || coalesce(family_name, '')));
