-- +goose Up
CREATE TABLE IF NOT EXISTS `people` (
  `key_name` TEXT NOT NULL DEFAULT '',
  `phone` TEXT NOT NULL DEFAULT '',
  `user_id` TEXT NOT NULL DEFAULT '',
  `name` TEXT NOT NULL DEFAULT '',
  `role` TEXT NOT NULL DEFAULT '',
  `language` TEXT NOT NULL DEFAULT '',
  `zone` TEXT NOT NULL DEFAULT '',
  `scope` TEXT,
  `identity` TEXT NOT NULL DEFAULT '',
  `suspended` TEXT NOT NULL DEFAULT '',
  `invited_by` TEXT NOT NULL DEFAULT '',
  `invited_at` INTEGER NOT NULL DEFAULT 0,
  `code` TEXT NOT NULL DEFAULT '',
  `code_until` INTEGER NOT NULL DEFAULT 0,
  `joined_at` INTEGER NOT NULL DEFAULT 0,
  `revoked_at` INTEGER NOT NULL DEFAULT 0,
  `code_tries` INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (`key_name`)
) WITHOUT ROWID;
