import { _ as isHex } from "./src.js";
import { J as UNCLAIMED } from "./src3.js";
import { l as withoutCredentials } from "./src7.js";
// packages/adapters/src/ci-claimed.ts
const SYSTEMS = [
	{
		system: "github-actions",
		detected: (it) => it.get("GITHUB_ACTIONS") === "true",
		identity: (it) => {
			let server = it.url("GITHUB_SERVER_URL") ?? "https://github.com", repository = it.join(server, "/", it.get("GITHUB_REPOSITORY"));
			return {
				issuer: githubIssuer(server),
				sourceRepositoryURI: repository,
				sourceRepositoryDigest: it.commit("GITHUB_SHA"),
				sourceRepositoryRef: it.get("GITHUB_REF"),
				sourceRepositoryIdentifier: it.get("GITHUB_REPOSITORY_ID"),
				buildConfigURI: it.join(server, "/", it.get("GITHUB_WORKFLOW_REF")),
				buildTrigger: it.get("GITHUB_EVENT_NAME"),
				runInvocationURI: it.join(repository, "/actions/runs/", it.get("GITHUB_RUN_ID"), "/attempts/", it.get("GITHUB_RUN_ATTEMPT") ?? "1"),
				runnerEnvironment: it.get("RUNNER_ENVIRONMENT")
			};
		},
		run: (it) => it.get("GITHUB_RUN_ID"),
		attempt: (it) => it.get("GITHUB_RUN_ATTEMPT")
	},
	{
		system: "gitlab-ci",
		detected: (it) => it.get("GITLAB_CI") === "true",
		identity: (it) => {
			let project = it.url("CI_PROJECT_URL"), ref = it.join("refs/tags/", it.get("CI_COMMIT_TAG")) ?? it.get("CI_MERGE_REQUEST_REF_PATH") ?? it.join("refs/heads/", it.get("CI_COMMIT_BRANCH"));
			return {
				issuer: it.url("CI_SERVER_URL"),
				sourceRepositoryURI: project,
				sourceRepositoryDigest: it.commit("CI_COMMIT_SHA"),
				sourceRepositoryRef: ref ?? it.get("CI_COMMIT_REF_NAME"),
				sourceRepositoryIdentifier: it.get("CI_PROJECT_ID"),
				buildConfigURI: it.join(project, "//", it.get("CI_CONFIG_PATH") ?? ".gitlab-ci.yml", "@", ref),
				buildTrigger: it.get("CI_PIPELINE_SOURCE"),
				runInvocationURI: it.url("CI_JOB_URL")
			};
		},
		run: (it) => it.get("CI_PIPELINE_ID")
	},
	{
		system: "aws-codebuild",
		detected: (it) => it.get("CODEBUILD_BUILD_ID") !== null,
		identity: (it) => ({
			sourceRepositoryURI: it.url("CODEBUILD_SOURCE_REPO_URL"),
			sourceRepositoryDigest: it.commit("CODEBUILD_RESOLVED_SOURCE_VERSION"),
			sourceRepositoryRef: it.get("CODEBUILD_WEBHOOK_HEAD_REF"),
			buildTrigger: it.get("CODEBUILD_WEBHOOK_EVENT") ?? it.get("CODEBUILD_INITIATOR"),
			runInvocationURI: it.get("CODEBUILD_BUILD_ARN")
		}),
		run: (it) => it.get("CODEBUILD_BUILD_ID")
	},
	{
		system: "azure-pipelines",
		detected: (it) => it.get("TF_BUILD") !== null && it.get("BUILD_BUILDURI") !== null,
		identity: (it) => {
			let project = it.join(it.url("SYSTEM_COLLECTIONURI"), encoded(it.get("SYSTEM_TEAMPROJECT")));
			return {
				issuer: it.join("https://vstoken.dev.azure.com/", it.get("SYSTEM_COLLECTIONID")),
				sourceRepositoryURI: it.url("BUILD_REPOSITORY_URI"),
				sourceRepositoryDigest: it.commit("BUILD_SOURCEVERSION"),
				sourceRepositoryRef: it.get("BUILD_SOURCEBRANCH"),
				sourceRepositoryIdentifier: it.get("BUILD_REPOSITORY_ID"),
				buildConfigURI: it.join(project, "/_build?definitionId=", it.get("SYSTEM_DEFINITIONID")),
				buildTrigger: it.get("BUILD_REASON"),
				runInvocationURI: it.join(project, "/_build/results?buildId=", it.get("BUILD_BUILDID"))
			};
		},
		run: (it) => it.get("BUILD_BUILDID"),
		attempt: (it) => it.get("SYSTEM_JOBATTEMPT")
	},
	{
		system: "circleci",
		detected: (it) => it.get("CIRCLECI") === "true",
		identity: (it) => ({
			issuer: it.join("https://oidc.circleci.com/org/", it.get("CIRCLE_ORGANIZATION_ID")),
			sourceRepositoryURI: it.url("CIRCLE_REPOSITORY_URL"),
			sourceRepositoryDigest: it.commit("CIRCLE_SHA1"),
			sourceRepositoryRef: it.join("refs/tags/", it.get("CIRCLE_TAG")) ?? it.join("refs/heads/", it.get("CIRCLE_BRANCH")),
			sourceRepositoryIdentifier: it.get("CIRCLE_PROJECT_ID"),
			runInvocationURI: it.url("CIRCLE_BUILD_URL")
		}),
		run: (it) => it.get("CIRCLE_WORKFLOW_ID")
	},
	{
		system: "buildkite",
		detected: (it) => it.get("BUILDKITE") === "true",
		identity: (it) => ({
			issuer: "https://agent.buildkite.com",
			sourceRepositoryURI: it.url("BUILDKITE_REPO"),
			sourceRepositoryDigest: it.commit("BUILDKITE_COMMIT"),
			sourceRepositoryRef: it.join("refs/tags/", it.get("BUILDKITE_TAG")) ?? it.join("refs/heads/", it.get("BUILDKITE_BRANCH")),
			sourceRepositoryIdentifier: it.get("BUILDKITE_PIPELINE_ID"),
			buildConfigURI: it.join("https://buildkite.com/", it.get("BUILDKITE_ORGANIZATION_SLUG"), "/", it.get("BUILDKITE_PIPELINE_SLUG")),
			buildTrigger: it.get("BUILDKITE_SOURCE"),
			runInvocationURI: it.join(it.url("BUILDKITE_BUILD_URL"), "#", it.get("BUILDKITE_JOB_ID")),
			runnerEnvironment: it.get("BUILDKITE_COMPUTE_TYPE")
		}),
		run: (it) => it.get("BUILDKITE_BUILD_ID"),
		attempt: (it) => it.count("BUILDKITE_RETRY_COUNT", 1)
	},
	{
		system: "jenkins",
		detected: (it) => it.get("JENKINS_URL") !== null && it.get("BUILD_URL") !== null,
		identity: (it) => ({
			sourceRepositoryURI: it.url("GIT_URL"),
			sourceRepositoryDigest: it.commit("GIT_COMMIT"),
			sourceRepositoryRef: it.get("GIT_BRANCH") ?? it.get("BRANCH_NAME"),
			buildConfigURI: it.url("JOB_URL"),
			runInvocationURI: it.url("BUILD_URL")
		}),
		run: (it) => it.join(it.get("JOB_NAME"), "/", it.get("BUILD_NUMBER"))
	},
	{
		system: "google-cloud-build",
		detected: (it) => it.get("PROJECT_ID") !== null && isUuid(it.get("BUILD_ID")),
		identity: (it) => ({
			issuer: "https://accounts.google.com",
			sourceRepositoryDigest: it.commit("COMMIT_SHA"),
			sourceRepositoryRef: it.join("refs/tags/", it.get("TAG_NAME")) ?? it.join("refs/heads/", it.get("BRANCH_NAME")) ?? it.get("REF_NAME"),
			sourceRepositoryIdentifier: it.get("REPO_FULL_NAME"),
			buildConfigURI: it.get("TRIGGER_BUILD_CONFIG_PATH"),
			buildTrigger: it.get("TRIGGER_NAME"),
			runInvocationURI: it.join("https://console.cloud.google.com/cloud-build/builds;region=", it.get("LOCATION") ?? "global", "/", it.get("BUILD_ID"), "?project=", it.get("PROJECT_ID"))
		}),
		run: (it) => it.get("BUILD_ID")
	}
], claimedCi = { detect(environment) {
	let claims = new Claims(environment), found = SYSTEMS.find((system) => system.detected(claims));
	if (found === void 0) return null;
	let run = found.run(claims);
	return {
		system: found.system,
		identity: {
			...UNCLAIMED,
			...found.identity(claims)
		},
		run: run === null ? null : {
			id: run,
			attempt: attemptOf(found.attempt?.(claims) ?? null)
		}
	};
} };
/** Reads claims one by one; an empty, over-long or malformed one is no claim. */
var Claims = class {
	#environment;
	constructor(environment) {
		this.#environment = environment;
	}
	get(name) {
		let value = Object.hasOwn(this.#environment, name) ? this.#environment[name] : void 0;
		return value === void 0 || value === "" || value.length > 1024 ? null : /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+$/u.test(value) ? value : null;
	}
	/** An address, without credentials. */
	url(name) {
		let value = this.get(name);
		return value === null ? null : withoutCredentials(value);
	}
	commit(name) {
		let value = this.get(name);
		return value !== null && (isHex(value, 40) || isHex(value, 64)) ? value : null;
	}
	/** The number in the variable plus `more`, as text. */
	count(name, more) {
		let value = this.get(name);
		return value !== null && /^[0-9]{1,6}$/.test(value) ? String(Number(value) + more) : null;
	}
	/** The parts one after the other; null when one is missing. */
	join(...parts) {
		return parts.includes(null) ? null : parts.join("");
	}
};
function attemptOf(text) {
	let attempt = text !== null && /^[0-9]{1,6}$/.test(text) ? Number(text) : 1;
	return Math.max(attempt, 1);
}
function githubIssuer(server) {
	let host = server.replace(/^https:\/\//, "");
	return host === "github.com" ? "https://token.actions.githubusercontent.com" : host.endsWith(".ghe.com") ? `https://token.actions.${host}` : `${server}/_services/token`;
}
function isUuid(text) {
	return text !== null && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}
function encoded(text) {
	return text === null ? null : encodeURIComponent(text);
}
export { claimedCi as t };
