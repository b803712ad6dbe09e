-- +goose Up
CREATE TABLE IF NOT EXISTS `merges` (
  `from_kind` TINYINT UNSIGNED NOT NULL DEFAULT 0,
  `from_value` VARBINARY(512) NOT NULL DEFAULT '',
  `into_kind` TINYINT UNSIGNED NOT NULL DEFAULT 0,
  `into_value` VARBINARY(512) NOT NULL DEFAULT '',
  `at` BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (`from_kind`, `from_value`, `into_kind`, `into_value`),
  KEY `merges_by_into` (`into_kind`, `into_value`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
