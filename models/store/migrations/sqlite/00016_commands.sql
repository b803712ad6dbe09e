-- +goose Up
CREATE TABLE IF NOT EXISTS `commands` (
  `id` INTEGER PRIMARY KEY,
  `hash` BLOB NOT NULL,
  `channel` TEXT NOT NULL DEFAULT '',
  `wamid` TEXT NOT NULL DEFAULT '',
  `phone` TEXT NOT NULL DEFAULT '',
  `user_id` TEXT NOT NULL DEFAULT '',
  `name` TEXT NOT NULL DEFAULT '',
  `at` INTEGER NOT NULL DEFAULT 0,
  `received_at` INTEGER NOT NULL DEFAULT 0,
  `kind` TEXT NOT NULL DEFAULT '',
  `text` BLOB,
  `payload` TEXT NOT NULL DEFAULT '',
  `reply_to` TEXT NOT NULL DEFAULT '',
  `forwarded` INTEGER NOT NULL DEFAULT 0,
  `identity` TEXT NOT NULL DEFAULT '',
  `done` INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX IF NOT EXISTS `commands_by_hash` ON `commands` (`hash`);
CREATE INDEX IF NOT EXISTS `commands_waiting` ON `commands` (`done`, `id`);
CREATE INDEX IF NOT EXISTS `commands_by_phone` ON `commands` (`phone`, `at`);
CREATE INDEX IF NOT EXISTS `commands_by_user` ON `commands` (`user_id`, `at`);
