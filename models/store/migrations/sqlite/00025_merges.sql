-- +goose Up
CREATE TABLE IF NOT EXISTS `merges` (
  `from_kind` INTEGER NOT NULL DEFAULT 0,
  `from_value` TEXT NOT NULL DEFAULT '',
  `into_kind` INTEGER NOT NULL DEFAULT 0,
  `into_value` TEXT NOT NULL DEFAULT '',
  `at` INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (`from_kind`, `from_value`, `into_kind`, `into_value`)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS `merges_by_into` ON `merges` (`into_kind`, `into_value`);
