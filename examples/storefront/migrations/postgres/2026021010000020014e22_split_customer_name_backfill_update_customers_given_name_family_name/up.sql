-- planner: split_customer_name/backfill/update_customers_given_name_family_name
-- Store given and family names separately
SET LOCAL lock_timeout = '2000ms';
UPDATE customers SET given_name = (split_part(name, ' ', 1)), family_name = (substr(name, length(split_part(name, ' ', 1)) + 2)) WHERE (given_name IS NULL AND name IS NOT NULL);
