CREATE TABLE `remark_about` (
	`tenant` text NOT NULL,
	`tag` text NOT NULL,
	`leaf` integer NOT NULL,
	PRIMARY KEY(`tenant`, `tag`, `leaf`)
);
--> statement-breakpoint
CREATE TABLE `remarks` (
	`leaf` integer PRIMARY KEY NOT NULL,
	`tenant` text NOT NULL,
	`id` text NOT NULL,
	`at` text NOT NULL,
	`kind` text NOT NULL,
	`supersedes` text,
	`superseded_by` text,
	`sealed` blob,
	`key` integer,
	`erased_at` text,
	`ground` text,
	`tombstone` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `remarks_id` ON `remarks` (`tenant`,`id`);--> statement-breakpoint
CREATE INDEX `remarks_newest` ON `remarks` (`tenant`,`leaf`);--> statement-breakpoint
CREATE INDEX `remarks_open` ON `remarks` (`tenant`,`kind`,`superseded_by`,`leaf`);