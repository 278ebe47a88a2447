CREATE TABLE `signings` (
	`tenant` text NOT NULL,
	`fact` text NOT NULL,
	`accepted_at` text NOT NULL,
	`index` integer NOT NULL,
	PRIMARY KEY(`tenant`, `fact`, `accepted_at`, `index`)
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `attestations` ADD `signed_under` text;--> statement-breakpoint
ALTER TABLE `attestations` ADD `facts` text;