-- +goose Up
CREATE TABLE IF NOT EXISTS `cells` (
  `grp` INTEGER NOT NULL DEFAULT 0,
  `tier` INTEGER NOT NULL DEFAULT 0,
  `day` INTEGER NOT NULL DEFAULT 0,
  `dims` TEXT NOT NULL DEFAULT '',
  `body` BLOB,
  PRIMARY KEY (`grp`, `tier`, `day`, `dims`)
) WITHOUT ROWID;
