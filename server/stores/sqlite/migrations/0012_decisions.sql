CREATE TABLE `decisions` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`tenant` text NOT NULL,
	`at` text NOT NULL,
	`decision` text NOT NULL,
	`code` text,
	`pipeline` text,
	`contract` text,
	`environment` text,
	`by` text NOT NULL,
	`requester` text,
	`ms` real NOT NULL,
	`artifact` text,
	`sealed` blob,
	`key` integer
);
--> statement-breakpoint
CREATE INDEX `decisions_newest` ON `decisions` (`tenant`,`id`);--> statement-breakpoint
CREATE INDEX `decisions_artifact` ON `decisions` (`tenant`,`artifact`,`id`);