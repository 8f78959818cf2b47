-- planner: split_customer_name/contract/drop_sync_keep_names_in_step
-- Store given and family names separately
CREATE TRIGGER planner_sync_split_customer_name_keep_nam_6f9c1177_insert AFTER INSERT ON customers FOR EACH ROW
BEGIN
    UPDATE customers SET given_name = substr(name, 1, instr(name || ' ', ' ') - 1), family_name = substr(name, instr(name || ' ', ' ') + 1)
        WHERE id = NEW.id
        AND (NEW.given_name IS NULL AND NEW.family_name IS NULL)
        AND (given_name IS NOT (substr(name, 1, instr(name || ' ', ' ') - 1)) OR family_name IS NOT (substr(name, instr(name || ' ', ' ') + 1)));
    UPDATE customers SET name = trim(given_name || ' ' || coalesce(family_name, ''))
        WHERE id = NEW.id
        AND (NEW.name IS NULL)
        AND NOT (NEW.given_name IS NULL AND NEW.family_name IS NULL)
        AND (name IS NOT (trim(given_name || ' ' || coalesce(family_name, ''))));
    UPDATE customers SET given_name = NEW.given_name, family_name = NEW.family_name
        WHERE id = NEW.id
        AND (NEW.name IS NULL)
        AND NOT (NEW.given_name IS NULL AND NEW.family_name IS NULL)
        AND (given_name IS NOT NEW.given_name OR family_name IS NOT NEW.family_name);
END;
CREATE TRIGGER planner_sync_split_customer_name_keep_nam_6f9c1177_update AFTER UPDATE OF name, given_name, family_name ON customers FOR EACH ROW
WHEN (OLD.name IS NOT NEW.name OR OLD.given_name IS NOT NEW.given_name OR OLD.family_name IS NOT NEW.family_name)
BEGIN
    UPDATE customers SET given_name = substr(name, 1, instr(name || ' ', ' ') - 1), family_name = substr(name, instr(name || ' ', ' ') + 1)
        WHERE id = NEW.id
        AND (OLD.name IS NOT NEW.name)
        AND NOT (OLD.given_name IS NOT NEW.given_name OR OLD.family_name IS NOT NEW.family_name)
        AND (given_name IS NOT (substr(name, 1, instr(name || ' ', ' ') - 1)) OR family_name IS NOT (substr(name, instr(name || ' ', ' ') + 1)));
    UPDATE customers SET name = trim(given_name || ' ' || coalesce(family_name, ''))
        WHERE id = NEW.id
        AND (OLD.given_name IS NOT NEW.given_name OR OLD.family_name IS NOT NEW.family_name)
        AND NOT (OLD.name IS NOT NEW.name)
        AND (given_name IS NOT (substr(name, 1, instr(name || ' ', ' ') - 1)) OR family_name IS NOT (substr(name, instr(name || ' ', ' ') + 1)))
        AND (name IS NOT (trim(given_name || ' ' || coalesce(family_name, ''))));
    UPDATE customers SET given_name = NEW.given_name, family_name = NEW.family_name
        WHERE id = NEW.id
        AND (OLD.given_name IS NOT NEW.given_name OR OLD.family_name IS NOT NEW.family_name)
        AND NOT (OLD.name IS NOT NEW.name)
        AND (given_name IS NOT NEW.given_name OR family_name IS NOT NEW.family_name);
END;
