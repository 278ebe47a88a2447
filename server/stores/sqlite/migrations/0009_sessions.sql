ALTER TABLE `sessions` ADD `token` blob;--> statement-breakpoint
ALTER TABLE `sessions` ADD `identity` text;--> statement-breakpoint
ALTER TABLE `sessions` ADD `shown` integer DEFAULT 1 NOT NULL;