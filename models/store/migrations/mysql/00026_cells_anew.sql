-- +goose Up
-- Cells of another shape: they are summed anew, as after a rebuild that was cut short.
INSERT INTO `settings` (`name`, `value`) SELECT 'rebuilding', r.`value` FROM `settings` r
WHERE r.`name` = 'rules' AND NOT EXISTS (SELECT 1 FROM `settings` u WHERE u.`name` = 'rebuilding');
DELETE FROM `cells`;
