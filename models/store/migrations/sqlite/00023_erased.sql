-- +goose Up
CREATE TABLE IF NOT EXISTS `erased` (
  `hash` BLOB NOT NULL,
  `name` TEXT NOT NULL DEFAULT '',
  `party_kind` INTEGER NOT NULL DEFAULT 0,
  `party_value` TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (`hash`)
) WITHOUT ROWID;
