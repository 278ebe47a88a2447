CREATE TABLE `issuers` (
	`serial` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`tenant` text NOT NULL,
	`id` text NOT NULL,
	`issuer` text NOT NULL,
	`rule` text NOT NULL,
	`added_at` text NOT NULL,
	`added_by` text NOT NULL,
	`removed_at` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `issuers_id` ON `issuers` (`tenant`,`id`) WHERE removed_at IS NULL;--> statement-breakpoint
CREATE INDEX `issuers_added` ON `issuers` (`tenant`,`serial`);--> statement-breakpoint
CREATE INDEX `issuers_issuer` ON `issuers` (`issuer`) WHERE removed_at IS NULL;--> statement-breakpoint
CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant` text NOT NULL,
	`rule` integer NOT NULL,
	`hash` blob NOT NULL,
	`scopes` text NOT NULL,
	`holder` text NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `sessions_rule` ON `sessions` (`rule`);--> statement-breakpoint
CREATE INDEX `sessions_expiry` ON `sessions` (`expires_at`);--> statement-breakpoint
CREATE TABLE `used_tokens` (
	`issuer` text NOT NULL,
	`hash` blob NOT NULL,
	`expires_at` integer NOT NULL,
	PRIMARY KEY(`issuer`, `hash`)
);
--> statement-breakpoint
CREATE INDEX `used_tokens_expiry` ON `used_tokens` (`expires_at`);