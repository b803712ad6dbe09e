-- +goose Up
CREATE TABLE IF NOT EXISTS `agents_seen` (
  `id` TEXT NOT NULL DEFAULT '',
  `name` TEXT NOT NULL DEFAULT '',
  `team` TEXT NOT NULL DEFAULT '',
  `first` INTEGER NOT NULL DEFAULT 0,
  `at` INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`, `name`, `team`)
) WITHOUT ROWID;
