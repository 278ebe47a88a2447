CREATE TABLE `log_entries` (
	`index` integer PRIMARY KEY NOT NULL,
	`tenant` text NOT NULL,
	`entry` blob NOT NULL,
	`salt` blob
);
--> statement-breakpoint
CREATE TABLE `log_tiles` (
	`tree` text NOT NULL,
	`level` integer NOT NULL,
	`index` integer NOT NULL,
	`data` blob NOT NULL,
	PRIMARY KEY(`tree`, `level`, `index`)
);
--> statement-breakpoint
ALTER TABLE `attestations` ADD `leaf` integer;--> statement-breakpoint
ALTER TABLE `chains` ADD `blind` blob;--> statement-breakpoint
ALTER TABLE `chains` ADD `length` integer DEFAULT 0 NOT NULL;