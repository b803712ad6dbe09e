-- +goose Up
CREATE TABLE IF NOT EXISTS `aliases` (
  `kind` TINYINT UNSIGNED NOT NULL DEFAULT 0,
  `value` VARBINARY(512) NOT NULL DEFAULT '',
  `contact` BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (`kind`, `value`),
  KEY `aliases_of_contact` (`contact`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
