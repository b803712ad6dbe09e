-- +goose Up
CREATE TABLE IF NOT EXISTS `faults` (
  `id` INTEGER PRIMARY KEY,
  `delivery` INTEGER NOT NULL DEFAULT 0,
  `at` INTEGER NOT NULL DEFAULT 0,
  `element` TEXT NOT NULL DEFAULT '',
  `reason` TEXT,
  `body` BLOB
);
CREATE INDEX IF NOT EXISTS `faults_of_delivery` ON `faults` (`delivery`);
