CREATE TABLE `passkeys` (
	`tenant` text NOT NULL,
	`key_id` text NOT NULL,
	`person` text NOT NULL,
	`credential` blob NOT NULL,
	PRIMARY KEY(`tenant`, `key_id`)
);
--> statement-breakpoint
CREATE INDEX `passkeys_person` ON `passkeys` (`tenant`,`person`);