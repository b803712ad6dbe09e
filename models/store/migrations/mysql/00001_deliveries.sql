-- +goose Up
CREATE TABLE IF NOT EXISTS `deliveries` (
  `id` BIGINT NOT NULL PRIMARY KEY,
  `source` VARCHAR(512) NOT NULL DEFAULT '',
  `received_at` BIGINT NOT NULL DEFAULT 0,
  `imported` TINYINT UNSIGNED NOT NULL DEFAULT 0,
  `folded` TINYINT UNSIGNED NOT NULL DEFAULT 0,
  `body` LONGBLOB,
  KEY `deliveries_pending` (`folded`, `id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
