CREATE TABLE `erased_certificates` (
	`tenant` text NOT NULL,
	`tag` text NOT NULL,
	PRIMARY KEY(`tenant`, `tag`)
);
