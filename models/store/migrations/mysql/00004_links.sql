-- +goose Up
CREATE TABLE IF NOT EXISTS `links` (
  `a_kind` TINYINT UNSIGNED NOT NULL DEFAULT 0,
  `a_value` VARBINARY(512) NOT NULL DEFAULT '',
  `b_kind` TINYINT UNSIGNED NOT NULL DEFAULT 0,
  `b_value` VARBINARY(512) NOT NULL DEFAULT '',
  `at` BIGINT NOT NULL DEFAULT 0,
  `forced_at` BIGINT NOT NULL DEFAULT 0,
  `conflict` TINYINT UNSIGNED NOT NULL DEFAULT 0,
  PRIMARY KEY (`a_kind`, `a_value`, `b_kind`, `b_value`),
  KEY `links_by_b` (`b_kind`, `b_value`),
  KEY `links_conflicts` (`conflict`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
