-- planner: split_customer_name/contract/drop_sync_keep_names_in_step
-- Store given and family names separately
SET LOCAL lock_timeout = '2000ms';
CREATE FUNCTION planner_sync_split_customer_name_keep_nam_6f9c1177() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $planner$
#variable_conflict use_column
DECLARE
  planner_old_changed boolean;
  planner_new_changed boolean;
  planner_forward_1 customers.given_name%TYPE;
  planner_forward_2 customers.family_name%TYPE;
  planner_backward_1 customers.name%TYPE;
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.given_name IS NULL AND NEW.family_name IS NULL THEN
      planner_forward_1 := (SELECT (split_part(name, ' ', 1)) FROM (SELECT NEW.*) AS customers);
      planner_forward_2 := (SELECT (substr(name, length(split_part(name, ' ', 1)) + 2)) FROM (SELECT NEW.*) AS customers);
      NEW.given_name := planner_forward_1;
      NEW.family_name := planner_forward_2;
    ELSIF NEW.name IS NULL THEN
      planner_backward_1 := (SELECT (trim(given_name || ' ' || coalesce(family_name, ''))) FROM (SELECT NEW.*) AS customers);
      NEW.name := planner_backward_1;
    END IF;
    RETURN NEW;
  END IF;
  planner_old_changed := ROW(NEW.name)::record *<> ROW(OLD.name)::record;
  planner_new_changed := ROW(NEW.given_name, NEW.family_name)::record *<> ROW(OLD.given_name, OLD.family_name)::record;
  IF planner_old_changed AND NOT planner_new_changed THEN
    planner_forward_1 := (SELECT (split_part(name, ' ', 1)) FROM (SELECT NEW.*) AS customers);
    planner_forward_2 := (SELECT (substr(name, length(split_part(name, ' ', 1)) + 2)) FROM (SELECT NEW.*) AS customers);
    NEW.given_name := planner_forward_1;
    NEW.family_name := planner_forward_2;
  END IF;
  IF planner_new_changed AND NOT planner_old_changed THEN
    planner_forward_1 := (SELECT (split_part(name, ' ', 1)) FROM (SELECT NEW.*) AS customers);
    planner_forward_2 := (SELECT (substr(name, length(split_part(name, ' ', 1)) + 2)) FROM (SELECT NEW.*) AS customers);
    IF (ROW(NEW.given_name)::record *<> ROW(OLD.given_name)::record AND ROW(NEW.given_name)::record *<> ROW(planner_forward_1)::record) OR (ROW(NEW.family_name)::record *<> ROW(OLD.family_name)::record AND ROW(NEW.family_name)::record *<> ROW(planner_forward_2)::record) THEN
      IF OLD.given_name IS NULL AND OLD.family_name IS NULL THEN
        NEW.given_name := coalesce(NEW.given_name, planner_forward_1);
        NEW.family_name := coalesce(NEW.family_name, planner_forward_2);
      END IF;
      planner_backward_1 := (SELECT (trim(given_name || ' ' || coalesce(family_name, ''))) FROM (SELECT NEW.*) AS customers);
      NEW.name := planner_backward_1;
    END IF;
  END IF;
  RETURN NEW;
END
$planner$;
CREATE TRIGGER planner_sync_split_customer_name_keep_nam_6f9c1177 BEFORE INSERT OR UPDATE ON customers
FOR EACH ROW EXECUTE FUNCTION planner_sync_split_customer_name_keep_nam_6f9c1177();
