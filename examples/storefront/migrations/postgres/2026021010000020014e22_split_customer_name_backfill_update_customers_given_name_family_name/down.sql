-- planner: split_customer_name/backfill/update_customers_given_name_family_name
-- Store given and family names separately
SELECT 1;
