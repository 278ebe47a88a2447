CREATE TABLE `proposals` (
	`tenant` text NOT NULL,
	`id` text NOT NULL,
	`chain` text NOT NULL,
	`document` blob NOT NULL,
	`proposed_at` text NOT NULL,
	`expires_at` text NOT NULL,
	`by_kind` text NOT NULL,
	`by_id` text NOT NULL,
	`by_name` text,
	PRIMARY KEY(`tenant`, `id`)
);
--> statement-breakpoint
CREATE INDEX `proposals_over` ON `proposals` (`expires_at`);