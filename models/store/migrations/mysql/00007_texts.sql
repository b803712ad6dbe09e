-- +goose Up
CREATE TABLE IF NOT EXISTS `texts` (
  `message` BIGINT NOT NULL PRIMARY KEY,
  `at` BIGINT NOT NULL DEFAULT 0,
  `body` LONGBLOB,
  KEY `texts_by_at` (`at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
