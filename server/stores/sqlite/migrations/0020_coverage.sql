ALTER TABLE `contracts` ADD `asked` text;--> statement-breakpoint
CREATE INDEX `view_rule_days_rule` ON `view_rule_days` (`tenant`,`code`,`pipeline`,`day`,`refused`,`denied`);--> statement-breakpoint
CREATE INDEX `view_runs_late` ON `view_runs` (`tenant`,`pipeline`,`begun_at`,`run`) WHERE late > 0;