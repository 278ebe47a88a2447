CREATE TABLE `deliveries` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`tenant` text NOT NULL,
	`webhook` text NOT NULL,
	`event` text NOT NULL,
	`state` text NOT NULL,
	`tries` integer NOT NULL,
	`at` integer NOT NULL,
	`due` integer NOT NULL,
	`status` integer,
	`fault` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `deliveries_event` ON `deliveries` (`tenant`,`webhook`,`event`);--> statement-breakpoint
CREATE INDEX `deliveries_due` ON `deliveries` (`tenant`,`webhook`,`state`,`due`,`id`);--> statement-breakpoint
CREATE TABLE `deviation_ends` (
	`tenant` text NOT NULL,
	`digest` text NOT NULL,
	`chain` text NOT NULL,
	`expires_at` text NOT NULL,
	PRIMARY KEY(`tenant`, `digest`)
);
--> statement-breakpoint
CREATE INDEX `deviation_ends_at` ON `deviation_ends` (`expires_at`);--> statement-breakpoint
CREATE TABLE `log_notices` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` text NOT NULL,
	`kind` text NOT NULL,
	`about` text NOT NULL,
	`facts` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `log_notices_about` ON `log_notices` (`kind`,`about`);--> statement-breakpoint
CREATE TABLE `notices` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`tenant` text NOT NULL,
	`at` text NOT NULL,
	`kind` text NOT NULL,
	`about` text NOT NULL,
	`facts` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `notices_about` ON `notices` (`tenant`,`kind`,`about`);--> statement-breakpoint
CREATE INDEX `notices_newest` ON `notices` (`tenant`,`id`);--> statement-breakpoint
CREATE TABLE `seen_identities` (
	`tenant` text NOT NULL,
	`pipeline` text NOT NULL,
	`identity` text NOT NULL,
	`index` integer NOT NULL,
	PRIMARY KEY(`tenant`, `pipeline`, `identity`)
);
--> statement-breakpoint
CREATE INDEX `seen_identities_index` ON `seen_identities` (`tenant`,`index`);--> statement-breakpoint
CREATE TABLE `trimmed` (
	`tenant` text NOT NULL,
	`source` text NOT NULL,
	`id` integer NOT NULL,
	`at` text NOT NULL,
	PRIMARY KEY(`tenant`, `source`)
);
--> statement-breakpoint
CREATE TABLE `watched` (
	`tenant` text PRIMARY KEY NOT NULL,
	`attestation` integer NOT NULL,
	`quiet` integer NOT NULL,
	`deviation` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `webhooks` (
	`tenant` text NOT NULL,
	`id` text NOT NULL,
	`format` text NOT NULL,
	`names` text NOT NULL,
	`created_at` text NOT NULL,
	`by` text NOT NULL,
	`sealed` blob NOT NULL,
	`key` integer NOT NULL,
	`cursor` text NOT NULL,
	`failures` integer DEFAULT 0 NOT NULL,
	`failing_since` integer,
	`due` integer DEFAULT 0 NOT NULL,
	`fault` text,
	`delivered_at` integer,
	`disabled_at` integer,
	PRIMARY KEY(`tenant`, `id`)
);
--> statement-breakpoint
CREATE INDEX `contracts_newest` ON `contracts` (`tenant`);--> statement-breakpoint
CREATE INDEX `erasures_newest` ON `erasures` (`tenant`,`tombstone`);--> statement-breakpoint
CREATE INDEX `key_events_newest` ON `key_events` (`tenant`,`id`);--> statement-breakpoint
INSERT INTO `watched` (`tenant`, `attestation`, `quiet`, `deviation`) SELECT `id`, 0, `next_index`, 0 FROM `tenants`;
