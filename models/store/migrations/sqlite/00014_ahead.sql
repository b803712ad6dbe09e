-- +goose Up
CREATE TABLE IF NOT EXISTS `ahead` (
  `contact` INTEGER NOT NULL DEFAULT 0,
  `at` INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (`contact`, `at`)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS `ahead_by_at` ON `ahead` (`at`);
