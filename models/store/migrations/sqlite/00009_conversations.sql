-- +goose Up
CREATE TABLE IF NOT EXISTS `conversations` (
  `id` BLOB NOT NULL PRIMARY KEY,
  `contact` INTEGER NOT NULL DEFAULT 0,
  `channel` TEXT NOT NULL DEFAULT '',
  `label` TEXT NOT NULL DEFAULT '',
  `opened_at` INTEGER NOT NULL DEFAULT 0,
  `opened_by` TEXT NOT NULL DEFAULT '',
  `inbox` INTEGER NOT NULL DEFAULT 0,
  `told` INTEGER NOT NULL DEFAULT 0,
  `reopened` INTEGER NOT NULL DEFAULT 0,
  `first` INTEGER NOT NULL DEFAULT 0,
  `prev_opened_at` INTEGER NOT NULL DEFAULT 0,
  `source` TEXT NOT NULL DEFAULT '',
  `closed_at` INTEGER NOT NULL DEFAULT 0,
  `closed_by` TEXT NOT NULL DEFAULT '',
  `closer` TEXT NOT NULL DEFAULT '',
  `category` TEXT NOT NULL DEFAULT '',
  `summary` TEXT,
  `first_customer_at` INTEGER NOT NULL DEFAULT 0,
  `first_reply_at` INTEGER NOT NULL DEFAULT 0,
  `first_reply_by` TEXT NOT NULL DEFAULT '',
  `first_any_at` INTEGER NOT NULL DEFAULT 0,
  `first_any_by` TEXT NOT NULL DEFAULT '',
  `waiting_since` INTEGER NOT NULL DEFAULT 0,
  `window_at` INTEGER NOT NULL DEFAULT 0,
  `last_human_at` INTEGER NOT NULL DEFAULT 0,
  `last_visible_at` INTEGER NOT NULL DEFAULT 0,
  `assignee` TEXT NOT NULL DEFAULT '',
  `explicit` INTEGER NOT NULL DEFAULT 0,
  `multi` INTEGER NOT NULL DEFAULT 0,
  `assignments` TEXT,
  `handlers` TEXT,
  `missed` TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS `conversations_of_contact` ON `conversations` (`contact`, `opened_at`);
CREATE INDEX IF NOT EXISTS `conversations_by_opened` ON `conversations` (`opened_at`);
CREATE INDEX IF NOT EXISTS `conversations_by_closed` ON `conversations` (`closed_at`, `waiting_since`);
CREATE INDEX IF NOT EXISTS `conversations_by_reply` ON `conversations` (`first_reply_by`, `first_reply_at`);
CREATE INDEX IF NOT EXISTS `conversations_by_multi` ON `conversations` (`multi`, `closed_at`);
