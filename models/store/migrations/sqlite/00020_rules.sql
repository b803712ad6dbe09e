-- +goose Up
CREATE TABLE IF NOT EXISTS `rules` (
  `id` INTEGER PRIMARY KEY,
  `name` TEXT NOT NULL DEFAULT '',
  `metric` TEXT NOT NULL DEFAULT '',
  `op` TEXT NOT NULL DEFAULT '',
  `threshold` REAL,
  `clear` REAL,
  `for` INTEGER NOT NULL DEFAULT 0,
  `over` INTEGER NOT NULL DEFAULT 0,
  `min_n` INTEGER NOT NULL DEFAULT 0,
  `teams` TEXT,
  `channels` TEXT,
  `agents` TEXT,
  `recipients` TEXT,
  `quiet_from` INTEGER NOT NULL DEFAULT 0,
  `quiet_to` INTEGER NOT NULL DEFAULT 0,
  `repeat_every` INTEGER NOT NULL DEFAULT 0,
  `keep_firing` INTEGER NOT NULL DEFAULT 0,
  `critical` INTEGER NOT NULL DEFAULT 0,
  `owner` TEXT NOT NULL DEFAULT ''
);
