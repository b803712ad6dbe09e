-- +goose Up
CREATE TABLE IF NOT EXISTS `links` (
  `a_kind` INTEGER NOT NULL DEFAULT 0,
  `a_value` TEXT NOT NULL DEFAULT '',
  `b_kind` INTEGER NOT NULL DEFAULT 0,
  `b_value` TEXT NOT NULL DEFAULT '',
  `at` INTEGER NOT NULL DEFAULT 0,
  `forced_at` INTEGER NOT NULL DEFAULT 0,
  `conflict` INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (`a_kind`, `a_value`, `b_kind`, `b_value`)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS `links_by_b` ON `links` (`b_kind`, `b_value`);
CREATE INDEX IF NOT EXISTS `links_conflicts` ON `links` (`conflict`);
