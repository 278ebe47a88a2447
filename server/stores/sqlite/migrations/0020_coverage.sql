ALTER TABLE `contracts` ADD `asked` text;--> statement-breakpoint
CREATE INDEX `view_runs_late` ON `view_runs` (`tenant`,`pipeline`,`begun_at`,`run`) WHERE late > 0;