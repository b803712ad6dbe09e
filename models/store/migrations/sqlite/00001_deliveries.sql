-- +goose Up
CREATE TABLE IF NOT EXISTS `deliveries` (
  `id` INTEGER PRIMARY KEY,
  `source` TEXT NOT NULL DEFAULT '',
  `received_at` INTEGER NOT NULL DEFAULT 0,
  `imported` INTEGER NOT NULL DEFAULT 0,
  `body` BLOB
);
