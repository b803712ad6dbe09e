-- +goose Up
CREATE TABLE IF NOT EXISTS `ahead` (
  `contact` BIGINT NOT NULL DEFAULT 0,
  `at` BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (`contact`, `at`),
  KEY `ahead_by_at` (`at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
