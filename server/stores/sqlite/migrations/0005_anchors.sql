CREATE TABLE `anchor_entries` (
	`number` integer NOT NULL,
	`anchor` text NOT NULL,
	`revision` integer NOT NULL,
	`phase` text NOT NULL,
	`memo` text,
	`queued_at` integer NOT NULL,
	`begun_at` integer NOT NULL,
	`at` integer NOT NULL,
	`due` integer NOT NULL,
	`moves` integer NOT NULL,
	`failing` text,
	`dead` text,
	`costs` text NOT NULL,
	`final_at` integer,
	`proof` blob,
	PRIMARY KEY(`number`, `anchor`),
	CONSTRAINT "anchor_entries_final" CHECK((phase = 'final') = (proof is not null))
);
--> statement-breakpoint
CREATE INDEX `anchor_entries_anchor` ON `anchor_entries` (`anchor`,`phase`,`number`,`final_at`);--> statement-breakpoint
CREATE TABLE `anchors` (
	`name` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`first` integer NOT NULL,
	`set_up_at` integer NOT NULL,
	`costs` text NOT NULL
);
