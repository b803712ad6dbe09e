-- +goose Up
CREATE TABLE IF NOT EXISTS `aliases` (
  `kind` INTEGER NOT NULL DEFAULT 0,
  `value` TEXT NOT NULL DEFAULT '',
  `contact` INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (`kind`, `value`)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS `aliases_of_contact` ON `aliases` (`contact`);
