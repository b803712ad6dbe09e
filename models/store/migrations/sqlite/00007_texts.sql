-- +goose Up
CREATE TABLE IF NOT EXISTS `texts` (
  `message` INTEGER PRIMARY KEY,
  `at` INTEGER NOT NULL DEFAULT 0,
  `body` BLOB
);
CREATE INDEX IF NOT EXISTS `texts_by_at` ON `texts` (`at`);
