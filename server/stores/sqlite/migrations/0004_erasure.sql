CREATE TABLE `erasures` (
	`tenant` text NOT NULL,
	`index` integer NOT NULL,
	`link` text NOT NULL,
	`chain` text NOT NULL,
	`pipeline` text NOT NULL,
	`step` text NOT NULL,
	`attempt` integer NOT NULL,
	`matrix` text,
	`place` text NOT NULL,
	`accepted_at` text NOT NULL,
	`late` integer NOT NULL,
	`leaf` integer NOT NULL,
	`erased_at` text NOT NULL,
	`ground` text NOT NULL,
	`tombstone` integer NOT NULL,
	PRIMARY KEY(`tenant`, `index`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `erasures_link` ON `erasures` (`tenant`,`link`);--> statement-breakpoint
CREATE UNIQUE INDEX `erasures_place` ON `erasures` (`tenant`,`place`);--> statement-breakpoint
CREATE INDEX `erasures_chain` ON `erasures` (`tenant`,`chain`,`index`);--> statement-breakpoint
CREATE INDEX `erasures_pipeline` ON `erasures` (`tenant`,`pipeline`,`index`);--> statement-breakpoint
CREATE TABLE `forgotten_keys` (
	`key` integer PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE TABLE `keyrings` (
	`id` blob PRIMARY KEY NOT NULL
);
--> statement-breakpoint
ALTER TABLE `attestations` ADD `key` integer;--> statement-breakpoint
ALTER TABLE `idempotency` ADD `link` text;--> statement-breakpoint
CREATE INDEX `idempotency_link` ON `idempotency` (`tenant`,`link`);--> statement-breakpoint
ALTER TABLE `inbox` ADD `key` integer;--> statement-breakpoint
ALTER TABLE `inbox` ADD `kept` integer;--> statement-breakpoint
ALTER TABLE `inbox` ADD `about` text;