CREATE TABLE `view_cursors` (
	`tenant` text PRIMARY KEY NOT NULL,
	`version` integer NOT NULL,
	`next` integer NOT NULL,
	`refusal` integer NOT NULL,
	`decision` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `view_deploys` (
	`tenant` text NOT NULL,
	`environment` text NOT NULL,
	`width` integer NOT NULL,
	`bucket` integer NOT NULL,
	`allow` integer NOT NULL,
	`deny` integer NOT NULL,
	`unknown` integer NOT NULL,
	`deviated` integer NOT NULL,
	PRIMARY KEY(`tenant`, `environment`, `width`, `bucket`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `view_identities` (
	`id` integer PRIMARY KEY NOT NULL,
	`tenant` text NOT NULL,
	`signer` text NOT NULL,
	`system` text NOT NULL,
	`first_index` integer NOT NULL,
	`first_at` integer NOT NULL,
	`last_index` integer NOT NULL,
	`last_at` integer NOT NULL,
	`steps` integer NOT NULL,
	`pipelines` integer NOT NULL,
	`a` integer NOT NULL,
	`b` integer NOT NULL,
	`c` integer NOT NULL,
	`d` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `view_identities_name` ON `view_identities` (`tenant`,`signer`,`system`);--> statement-breakpoint
CREATE INDEX `view_identities_first` ON `view_identities` (`tenant`,`first_at`,`id`);--> statement-breakpoint
CREATE TABLE `view_identity_pipelines` (
	`tenant` text NOT NULL,
	`identity` integer NOT NULL,
	`pipeline` text NOT NULL,
	`steps` integer NOT NULL,
	PRIMARY KEY(`tenant`, `identity`, `pipeline`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `view_identity_weeks` (
	`tenant` text NOT NULL,
	`identity` integer NOT NULL,
	`week` integer NOT NULL,
	`steps` integer NOT NULL,
	PRIMARY KEY(`tenant`, `identity`, `week`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `view_pipeline_systems` (
	`tenant` text NOT NULL,
	`pipeline` text NOT NULL,
	`system` text NOT NULL,
	`steps` integer NOT NULL,
	`late` integer NOT NULL,
	`failed` integer NOT NULL,
	`last_index` integer NOT NULL,
	`last_at` integer NOT NULL,
	`a` integer NOT NULL,
	`b` integer NOT NULL,
	`c` integer NOT NULL,
	`d` integer NOT NULL,
	PRIMARY KEY(`tenant`, `pipeline`, `system`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `view_pipelines` (
	`tenant` text NOT NULL,
	`pipeline` text NOT NULL,
	`runs` integer NOT NULL,
	`last_at` integer NOT NULL,
	PRIMARY KEY(`tenant`, `pipeline`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `view_rule_days` (
	`tenant` text NOT NULL,
	`day` integer NOT NULL,
	`code` text NOT NULL,
	`pipeline` text NOT NULL,
	`refused` integer NOT NULL,
	`denied` integer NOT NULL,
	PRIMARY KEY(`tenant`, `day`, `code`, `pipeline`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `view_run_identities` (
	`tenant` text NOT NULL,
	`run` integer NOT NULL,
	`identity` integer NOT NULL,
	`begun_at` integer NOT NULL,
	`steps` integer NOT NULL,
	`first_index` integer NOT NULL,
	`last_index` integer NOT NULL,
	PRIMARY KEY(`tenant`, `run`, `identity`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `view_run_identities_newest` ON `view_run_identities` (`tenant`,`identity`,`begun_at`,`run`);--> statement-breakpoint
CREATE TABLE `view_run_systems` (
	`tenant` text NOT NULL,
	`system` text NOT NULL,
	`begun_at` integer NOT NULL,
	`run` integer NOT NULL,
	PRIMARY KEY(`tenant`, `system`, `begun_at`, `run`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `view_runs` (
	`tenant` text NOT NULL,
	`run` integer NOT NULL,
	`chain` text NOT NULL,
	`pipeline` text NOT NULL,
	`contract` text,
	`begun_at` integer NOT NULL,
	`last_index` integer NOT NULL,
	`last_at` integer NOT NULL,
	`steps` integer NOT NULL,
	`erased` integer NOT NULL,
	`failed` integer NOT NULL,
	`late` integer NOT NULL,
	`names` text,
	PRIMARY KEY(`tenant`, `run`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `view_runs_chain` ON `view_runs` (`tenant`,`chain`);--> statement-breakpoint
CREATE INDEX `view_runs_newest` ON `view_runs` (`tenant`,`begun_at`,`run`);--> statement-breakpoint
CREATE INDEX `view_runs_pipeline` ON `view_runs` (`tenant`,`pipeline`,`begun_at`,`run`);--> statement-breakpoint
ALTER TABLE `attestations` ADD `grade` text;--> statement-breakpoint
ALTER TABLE `attestations` ADD `started_at` text;--> statement-breakpoint
ALTER TABLE `decisions` ADD `deviated` integer;--> statement-breakpoint
CREATE INDEX `decisions_deploys` ON `decisions` (`tenant`,`at`,`id`) WHERE environment IS NOT NULL;--> statement-breakpoint
CREATE INDEX `decisions_environment` ON `decisions` (`tenant`,`environment`,`at`,`id`) WHERE environment IS NOT NULL;--> statement-breakpoint
CREATE INDEX `decisions_allowed` ON `decisions` (`tenant`,`environment`,`pipeline`,`at`,`id`) WHERE environment IS NOT NULL AND decision = 'allow';--> statement-breakpoint
CREATE INDEX `inbox_chain` ON `inbox` (`tenant`,`chain`,`id`) WHERE chain IS NOT NULL;