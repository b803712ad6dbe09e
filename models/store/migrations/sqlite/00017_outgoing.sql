-- +goose Up
CREATE TABLE IF NOT EXISTS `outgoing` (
  `id` INTEGER PRIMARY KEY,
  `hash` BLOB NOT NULL,
  `source_key` TEXT NOT NULL DEFAULT '',
  `part` INTEGER NOT NULL DEFAULT 0,
  `recipient` TEXT NOT NULL DEFAULT '',
  `person` TEXT NOT NULL DEFAULT '',
  `channel` TEXT NOT NULL DEFAULT '',
  `class` TEXT NOT NULL DEFAULT '',
  `state` TEXT NOT NULL DEFAULT '',
  `attempts` INTEGER NOT NULL DEFAULT 0,
  `via` TEXT NOT NULL DEFAULT '',
  `wamid` TEXT NOT NULL DEFAULT '',
  `intent` TEXT NOT NULL DEFAULT '',
  `opaque` TEXT NOT NULL DEFAULT '',
  `payload` BLOB,
  `created_at` INTEGER NOT NULL DEFAULT 0,
  `due_at` INTEGER NOT NULL DEFAULT 0,
  `attempted_at` INTEGER NOT NULL DEFAULT 0,
  `sent_at` INTEGER NOT NULL DEFAULT 0,
  `doubtful` INTEGER NOT NULL DEFAULT 0,
  `reason` TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX IF NOT EXISTS `outgoing_by_hash` ON `outgoing` (`hash`);
CREATE INDEX IF NOT EXISTS `outgoing_due` ON `outgoing` (`state`, `due_at`);
CREATE INDEX IF NOT EXISTS `outgoing_by_intent` ON `outgoing` (`intent`);
CREATE INDEX IF NOT EXISTS `outgoing_by_wamid` ON `outgoing` (`wamid`);
CREATE INDEX IF NOT EXISTS `outgoing_by_recipient` ON `outgoing` (`recipient`);
CREATE INDEX IF NOT EXISTS `outgoing_by_created` ON `outgoing` (`created_at`);
