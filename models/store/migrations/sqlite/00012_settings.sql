-- +goose Up
CREATE TABLE IF NOT EXISTS `settings` (
  `name` TEXT NOT NULL DEFAULT '',
  `value` BLOB,
  PRIMARY KEY (`name`)
) WITHOUT ROWID;
