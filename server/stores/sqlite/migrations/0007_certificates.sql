CREATE TABLE `certificates` (
	`tenant` text NOT NULL,
	`leaf` integer NOT NULL,
	`serial` text NOT NULL,
	`authority` text NOT NULL,
	`key_id` text NOT NULL,
	`issued_at` text NOT NULL,
	`not_after` text NOT NULL,
	`tbs` blob NOT NULL,
	`key` integer NOT NULL,
	PRIMARY KEY(`tenant`, `leaf`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `certificates_serial` ON `certificates` (`tenant`,`serial`);--> statement-breakpoint
CREATE INDEX `certificates_key` ON `certificates` (`tenant`,`key_id`);