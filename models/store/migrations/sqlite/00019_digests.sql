-- +goose Up
CREATE TABLE IF NOT EXISTS `digests` (
  `id` TEXT NOT NULL DEFAULT '',
  `person` TEXT NOT NULL DEFAULT '',
  `at` INTEGER NOT NULL DEFAULT 0,
  `days` TEXT,
  `month_day` INTEGER NOT NULL DEFAULT 0,
  `ask` TEXT,
  `language` TEXT NOT NULL DEFAULT '',
  `since` INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS `digests_of_person` ON `digests` (`person`);
