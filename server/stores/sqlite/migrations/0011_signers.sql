ALTER TABLE `attestations` ADD `signed_under` text;--> statement-breakpoint
ALTER TABLE `attestations` ADD `authority` text;--> statement-breakpoint
ALTER TABLE `attestations` ADD `authority_id` text;--> statement-breakpoint
ALTER TABLE `attestations` ADD `issuer` text;--> statement-breakpoint
ALTER TABLE `attestations` ADD `subject` text;--> statement-breakpoint
ALTER TABLE `attestations` ADD `repository` text;--> statement-breakpoint
CREATE INDEX `attestations_authority` ON `attestations` (`tenant`,`authority`,`accepted_at`,`index`) WHERE authority IS NOT NULL;--> statement-breakpoint
CREATE INDEX `attestations_authority_id` ON `attestations` (`tenant`,`authority_id`,`accepted_at`,`index`) WHERE authority_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX `attestations_issuer` ON `attestations` (`tenant`,`issuer`,`accepted_at`,`index`) WHERE issuer IS NOT NULL;--> statement-breakpoint
CREATE INDEX `attestations_subject` ON `attestations` (`tenant`,`subject`,`accepted_at`,`index`) WHERE subject IS NOT NULL;--> statement-breakpoint
CREATE INDEX `attestations_repository` ON `attestations` (`tenant`,`repository`,`accepted_at`,`index`) WHERE repository IS NOT NULL;