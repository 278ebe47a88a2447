CREATE TABLE `people` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant` text NOT NULL,
	`name` text NOT NULL,
	`email` text,
	`role` text NOT NULL,
	`issuer` text,
	`subject` text,
	`created_at` text NOT NULL,
	`signed_in_at` text,
	`removed_at` text
);
--> statement-breakpoint
CREATE INDEX `people_tenant` ON `people` (`tenant`,`created_at`);--> statement-breakpoint
CREATE UNIQUE INDEX `people_subject` ON `people` (`tenant`,`issuer`,`subject`);--> statement-breakpoint
CREATE UNIQUE INDEX `people_name` ON `people` (`tenant`,`name`) WHERE "people"."issuer" IS NULL AND "people"."removed_at" IS NULL;--> statement-breakpoint
CREATE TABLE `person_sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant` text NOT NULL,
	`person` text NOT NULL,
	`hash` blob NOT NULL,
	`by` text NOT NULL,
	`created_at` integer NOT NULL,
	`seen_at` integer NOT NULL,
	`idle` integer NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `person_sessions_person` ON `person_sessions` (`tenant`,`person`,`created_at`);--> statement-breakpoint
CREATE INDEX `person_sessions_over` ON `person_sessions` (`expires_at`);--> statement-breakpoint
CREATE TABLE `sign_in_links` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant` text NOT NULL,
	`person` text NOT NULL,
	`hash` blob NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `sign_in_links_person` ON `sign_in_links` (`tenant`,`person`);--> statement-breakpoint
CREATE INDEX `sign_in_links_over` ON `sign_in_links` (`expires_at`);--> statement-breakpoint
ALTER TABLE `tokens` ADD `expires_at` text;--> statement-breakpoint
CREATE INDEX `acts_newest` ON `acts` (`tenant`,`kind`,`leaf`);