CREATE TABLE `attestations` (
	`tenant` text NOT NULL,
	`index` integer NOT NULL,
	`link` text NOT NULL,
	`chain` text NOT NULL,
	`pipeline` text NOT NULL,
	`step` text NOT NULL,
	`attempt` integer NOT NULL,
	`matrix` text,
	`place` text NOT NULL,
	`nonce` text NOT NULL,
	`signer` text NOT NULL,
	`key_id` text NOT NULL,
	`system` text NOT NULL,
	`succeeded` integer NOT NULL,
	`finished_at` text NOT NULL,
	`accepted_at` text NOT NULL,
	`late` integer NOT NULL,
	`subjects` integer NOT NULL,
	`bundle` blob NOT NULL,
	`receipt` blob NOT NULL,
	PRIMARY KEY(`tenant`, `index`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `attestations_link` ON `attestations` (`tenant`,`link`);--> statement-breakpoint
CREATE UNIQUE INDEX `attestations_place` ON `attestations` (`tenant`,`place`);--> statement-breakpoint
CREATE UNIQUE INDEX `attestations_nonce` ON `attestations` (`tenant`,`nonce`);--> statement-breakpoint
CREATE INDEX `attestations_chain` ON `attestations` (`tenant`,`chain`,`index`);--> statement-breakpoint
CREATE INDEX `attestations_pipeline` ON `attestations` (`tenant`,`pipeline`,`index`);--> statement-breakpoint
CREATE TABLE `chains` (
	`tenant` text NOT NULL,
	`id` text NOT NULL,
	`pipeline` text NOT NULL,
	`contract` text,
	PRIMARY KEY(`tenant`, `id`)
);
--> statement-breakpoint
CREATE TABLE `commits` (
	`tenant` text NOT NULL,
	`commit` text NOT NULL,
	`index` integer NOT NULL,
	PRIMARY KEY(`tenant`, `commit`, `index`)
);
--> statement-breakpoint
CREATE TABLE `contracts` (
	`tenant` text NOT NULL,
	`digest` text NOT NULL,
	`pipeline` text NOT NULL,
	`revision` integer NOT NULL,
	`bytes` blob NOT NULL,
	`published_at` text NOT NULL,
	PRIMARY KEY(`tenant`, `digest`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `contracts_revision` ON `contracts` (`tenant`,`pipeline`,`revision`);--> statement-breakpoint
CREATE TABLE `edges` (
	`tenant` text NOT NULL,
	`from` text NOT NULL,
	`to` text NOT NULL,
	`found` text NOT NULL,
	`strength` text NOT NULL,
	PRIMARY KEY(`tenant`, `from`, `to`)
);
--> statement-breakpoint
CREATE TABLE `idempotency` (
	`tenant` text NOT NULL,
	`key` text NOT NULL,
	`body` text NOT NULL,
	`at` text NOT NULL,
	PRIMARY KEY(`tenant`, `key`)
);
--> statement-breakpoint
CREATE TABLE `inbox` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`tenant` text NOT NULL,
	`at` text NOT NULL,
	`last_at` text NOT NULL,
	`count` integer NOT NULL,
	`code` text NOT NULL,
	`report` text NOT NULL,
	`findings` text NOT NULL,
	`body` text NOT NULL,
	`bytes` blob,
	`link` text,
	`chain` text,
	`step` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `inbox_body` ON `inbox` (`tenant`,`body`,`code`);--> statement-breakpoint
CREATE INDEX `inbox_newest` ON `inbox` (`tenant`,`id`);--> statement-breakpoint
CREATE TABLE `keys` (
	`tenant` text NOT NULL,
	`key_id` text NOT NULL,
	`name` text NOT NULL,
	`spki` blob NOT NULL,
	`enrolled_at` text NOT NULL,
	`revoked_at` text,
	PRIMARY KEY(`tenant`, `key_id`)
);
--> statement-breakpoint
CREATE TABLE `subjects` (
	`tenant` text NOT NULL,
	`sha256` text NOT NULL,
	`index` integer NOT NULL,
	PRIMARY KEY(`tenant`, `sha256`, `index`)
);
--> statement-breakpoint
CREATE TABLE `tenants` (
	`id` text PRIMARY KEY NOT NULL,
	`created_at` text NOT NULL,
	`next_index` integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE `tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant` text NOT NULL,
	`hash` blob NOT NULL,
	`scopes` text NOT NULL,
	`created_at` text NOT NULL,
	FOREIGN KEY (`tenant`) REFERENCES `tenants`(`id`) ON UPDATE no action ON DELETE no action
);
