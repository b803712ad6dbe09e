-- +goose Up
CREATE TABLE IF NOT EXISTS `digests` (
  `id` VARBINARY(512) NOT NULL DEFAULT '',
  `person` VARBINARY(512) NOT NULL DEFAULT '',
  `at` BIGINT NOT NULL DEFAULT 0,
  `days` TEXT,
  `month_day` BIGINT NOT NULL DEFAULT 0,
  `ask` TEXT,
  `language` VARCHAR(512) NOT NULL DEFAULT '',
  `since` BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`),
  KEY `digests_of_person` (`person`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
