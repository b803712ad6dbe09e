-- +goose Up
CREATE TABLE IF NOT EXISTS `facts` (
  `id` INTEGER PRIMARY KEY,
  `contact` INTEGER NOT NULL DEFAULT 0,
  `hash` BLOB NOT NULL,
  `source` TEXT NOT NULL DEFAULT '',
  `source_key` TEXT NOT NULL DEFAULT '',
  `kind` TEXT NOT NULL DEFAULT '',
  `at` INTEGER NOT NULL DEFAULT 0,
  `channel` TEXT NOT NULL DEFAULT '',
  `party_kind` INTEGER NOT NULL DEFAULT 0,
  `party_value` TEXT NOT NULL DEFAULT '',
  `agent` TEXT NOT NULL DEFAULT '',
  `by` TEXT NOT NULL DEFAULT '',
  `origin` TEXT NOT NULL DEFAULT '',
  `label` TEXT NOT NULL DEFAULT '',
  `category` TEXT NOT NULL DEFAULT '',
  `summary` TEXT,
  `text` BLOB,
  `mentions` TEXT,
  `notice` TEXT NOT NULL DEFAULT '',
  `details` BLOB,
  `flags` TEXT
);
CREATE UNIQUE INDEX IF NOT EXISTS `facts_by_hash` ON `facts` (`hash`);
CREATE INDEX IF NOT EXISTS `facts_of_contact` ON `facts` (`contact`, `at`);
CREATE INDEX IF NOT EXISTS `facts_by_kind` ON `facts` (`kind`, `at`);
