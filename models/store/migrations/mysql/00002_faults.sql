-- +goose Up
CREATE TABLE IF NOT EXISTS `faults` (
  `id` BIGINT NOT NULL PRIMARY KEY,
  `delivery` BIGINT NOT NULL DEFAULT 0,
  `at` BIGINT NOT NULL DEFAULT 0,
  `element` VARCHAR(512) NOT NULL DEFAULT '',
  `reason` TEXT,
  `body` LONGBLOB,
  KEY `faults_of_delivery` (`delivery`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
