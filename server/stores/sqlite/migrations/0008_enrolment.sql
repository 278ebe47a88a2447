CREATE TABLE `invitation_uses` (
	`invitation` text NOT NULL,
	`key_id` text NOT NULL,
	`at` text NOT NULL,
	PRIMARY KEY(`invitation`, `key_id`)
);
--> statement-breakpoint
CREATE TABLE `invitations` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant` text NOT NULL,
	`hash` blob NOT NULL,
	`name` text NOT NULL,
	`created_at` text NOT NULL,
	`by` text NOT NULL,
	`expires_at` text NOT NULL,
	`uses` integer NOT NULL,
	`used` integer DEFAULT 0 NOT NULL,
	`withdrawn_at` text
);
--> statement-breakpoint
CREATE INDEX `invitations_newest` ON `invitations` (`tenant`,`created_at`,`id`);--> statement-breakpoint
CREATE TABLE `key_events` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`tenant` text NOT NULL,
	`key_id` text NOT NULL,
	`at` text NOT NULL,
	`by` text NOT NULL,
	`kind` text NOT NULL,
	`as_of` text,
	`reason` text,
	`other` text,
	`proven` integer
);
--> statement-breakpoint
CREATE INDEX `key_events_key` ON `key_events` (`tenant`,`key_id`,`id`);--> statement-breakpoint
ALTER TABLE `keys` ADD `reason` text;--> statement-breakpoint
ALTER TABLE `keys` ADD `steps` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `keys` ADD `last_used_at` text;--> statement-breakpoint
CREATE INDEX `attestations_signed` ON `attestations` (`tenant`,substr(`key_id`, 1, 16),`accepted_at`,`index`);--> statement-breakpoint
UPDATE `keys` SET (`steps`, `last_used_at`) = (SELECT count(*), max(`accepted_at`) FROM `attestations` WHERE `attestations`.`tenant` = `keys`.`tenant` AND substr(`attestations`.`key_id`, 1, 16) = substr(`keys`.`key_id`, 1, 16) AND `attestations`.`key_id` = `keys`.`key_id`);--> statement-breakpoint
INSERT INTO `key_events` (`tenant`, `key_id`, `at`, `by`, `kind`, `proven`) SELECT `tenant`, `key_id`, `enrolled_at`, 'unknown', 'enrolled', 0 FROM `keys` ORDER BY `enrolled_at`, `key_id`;--> statement-breakpoint
INSERT INTO `key_events` (`tenant`, `key_id`, `at`, `by`, `kind`, `as_of`) SELECT `tenant`, `key_id`, `revoked_at`, 'unknown', 'revoked', `revoked_at` FROM `keys` WHERE `revoked_at` IS NOT NULL ORDER BY `revoked_at`, `key_id`;--> statement-breakpoint
CREATE TRIGGER `key_events_kept` BEFORE DELETE ON `key_events` BEGIN SELECT RAISE(ABORT, 'what happened to a key is never taken back'); END;--> statement-breakpoint
CREATE TRIGGER `key_events_fixed` BEFORE UPDATE ON `key_events` BEGIN SELECT RAISE(ABORT, 'what happened to a key is never changed'); END;
