-- +goose Up
CREATE TABLE IF NOT EXISTS `contacts` (
  `id` INTEGER PRIMARY KEY,
  `public_key` TEXT NOT NULL DEFAULT '',
  `name` TEXT NOT NULL DEFAULT '',
  `name_at` INTEGER NOT NULL DEFAULT 0,
  `first_seen_at` INTEGER NOT NULL DEFAULT 0,
  `source` TEXT NOT NULL DEFAULT '',
  `channel` TEXT NOT NULL DEFAULT '',
  `merged_into` INTEGER NOT NULL DEFAULT 0,
  `merged_at` INTEGER NOT NULL DEFAULT 0,
  `state` BLOB
);
CREATE INDEX IF NOT EXISTS `contacts_by_key` ON `contacts` (`public_key`);
CREATE INDEX IF NOT EXISTS `contacts_by_seen` ON `contacts` (`first_seen_at`);
