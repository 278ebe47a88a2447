CREATE TABLE `head_tiles` (
	`statement` integer NOT NULL,
	`level` integer NOT NULL,
	`index` integer NOT NULL,
	`hashes` blob NOT NULL,
	`keys` blob NOT NULL,
	PRIMARY KEY(`statement`, `level`, `index`)
);
--> statement-breakpoint
CREATE TABLE `statements` (
	`number` integer PRIMARY KEY NOT NULL,
	`text` text NOT NULL,
	`start` text NOT NULL,
	`note` blob
);
--> statement-breakpoint
CREATE UNIQUE INDEX `statements_start_unique` ON `statements` (`start`);--> statement-breakpoint
ALTER TABLE `chains` ADD `key` blob;--> statement-breakpoint
ALTER TABLE `chains` ADD `first_leaf` integer;--> statement-breakpoint
ALTER TABLE `chains` ADD `head_leaf` integer;--> statement-breakpoint
CREATE INDEX `chains_key` ON `chains` (`key`,`first_leaf`);--> statement-breakpoint
CREATE INDEX `chains_first_leaf` ON `chains` (`first_leaf`,`key`);--> statement-breakpoint
UPDATE `chains` SET
	`first_leaf` = (SELECT min(a.`leaf`) FROM `attestations` a WHERE a.`tenant` = `chains`.`tenant` AND a.`chain` = `chains`.`id`),
	`head_leaf` = (SELECT max(a.`leaf`) FROM `attestations` a WHERE a.`tenant` = `chains`.`tenant` AND a.`chain` = `chains`.`id`);
--> statement-breakpoint
UPDATE `chains` SET `key` = (
	SELECT unhex(json_extract(CAST(e.`entry` AS TEXT), '$.chain.id')) FROM `log_entries` e WHERE e.`index` = `chains`.`first_leaf`
);
