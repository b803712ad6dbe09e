-- +goose Up
CREATE TABLE IF NOT EXISTS `pending` (
  `id` INTEGER PRIMARY KEY,
  `received_at` INTEGER NOT NULL DEFAULT 0
);
