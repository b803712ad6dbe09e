-- +goose Up
CREATE TABLE IF NOT EXISTS `settings` (
  `name` VARBINARY(512) NOT NULL DEFAULT '',
  `value` LONGBLOB,
  PRIMARY KEY (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
