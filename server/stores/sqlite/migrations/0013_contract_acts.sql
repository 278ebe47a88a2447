CREATE TABLE `acts` (
	`leaf` integer PRIMARY KEY NOT NULL,
	`tenant` text NOT NULL,
	`kind` text NOT NULL,
	`digest` text NOT NULL,
	`about` text NOT NULL,
	`at` text NOT NULL,
	`signers` text NOT NULL,
	`salt` blob NOT NULL,
	`document` blob NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `acts_digest` ON `acts` (`tenant`,`kind`,`digest`);--> statement-breakpoint
CREATE INDEX `acts_about` ON `acts` (`tenant`,`kind`,`about`,`leaf`);