-- +goose Up
CREATE TABLE IF NOT EXISTS `contacts` (
  `id` BIGINT NOT NULL PRIMARY KEY,
  `public_key` VARBINARY(512) NOT NULL DEFAULT '',
  `name` VARCHAR(512) NOT NULL DEFAULT '',
  `name_at` BIGINT NOT NULL DEFAULT 0,
  `first_seen_at` BIGINT NOT NULL DEFAULT 0,
  `source` VARCHAR(512) NOT NULL DEFAULT '',
  `channel` VARCHAR(512) NOT NULL DEFAULT '',
  `merged_into` BIGINT NOT NULL DEFAULT 0,
  `merged_at` BIGINT NOT NULL DEFAULT 0,
  `state` LONGBLOB,
  KEY `contacts_by_key` (`public_key`),
  KEY `contacts_by_seen` (`first_seen_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
