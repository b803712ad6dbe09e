-- +goose Up
CREATE TABLE IF NOT EXISTS `commands` (
  `id` BIGINT NOT NULL PRIMARY KEY,
  `hash` BINARY(16) NOT NULL,
  `channel` VARCHAR(512) NOT NULL DEFAULT '',
  `wamid` VARBINARY(512) NOT NULL DEFAULT '',
  `phone` VARCHAR(512) NOT NULL DEFAULT '',
  `user_id` VARBINARY(512) NOT NULL DEFAULT '',
  `name` VARCHAR(512) NOT NULL DEFAULT '',
  `at` BIGINT NOT NULL DEFAULT 0,
  `received_at` BIGINT NOT NULL DEFAULT 0,
  `kind` VARCHAR(512) NOT NULL DEFAULT '',
  `text` LONGBLOB,
  `payload` VARCHAR(512) NOT NULL DEFAULT '',
  `reply_to` VARBINARY(512) NOT NULL DEFAULT '',
  `forwarded` TINYINT UNSIGNED NOT NULL DEFAULT 0,
  `identity` VARCHAR(512) NOT NULL DEFAULT '',
  `done` TINYINT UNSIGNED NOT NULL DEFAULT 0,
  UNIQUE KEY `commands_by_hash` (`hash`),
  KEY `commands_waiting` (`done`, `id`),
  KEY `commands_by_phone` (`phone`, `at`),
  KEY `commands_by_user` (`user_id`, `at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
