-- planner: split_customer_name/expand/add_column_customers_family_name
-- Store given and family names separately
SET LOCAL lock_timeout = '2000ms';
ALTER TABLE customers ADD COLUMN family_name text;
