// deploy/kubernetes against the schemas that Kubernetes and CloudNativePG publish, and against compose.yml, whose rules hold there too.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Ajv from 'ajv';
import { parse, parseAllDocuments } from 'yaml';

const top = new URL('../..', import.meta.url).pathname;
const read = (file) => readFileSync(join(top, file), 'utf8');
const schema = (name) => JSON.parse(read(`deploy/test/schemas/${name}.json`));

const files = readdirSync(join(top, 'deploy/kubernetes')).filter((name) => /\.yaml$/.test(name));
const kustomization = parse(read('deploy/kubernetes/kustomization.yaml'));
const objects = files
	.filter((name) => name !== 'kustomization.yaml')
	.flatMap((name) => parseAllDocuments(read(`deploy/kubernetes/${name}`)))
	.map((document) => {
		assert.deepEqual(document.errors, []);
		return document.toJS();
	});
const ofKind = (kind) => objects.filter((each) => each.kind === kind);
const named = (kind, name) => {
	const found = ofKind(kind).find((each) => each.metadata.name === name);
	assert.ok(found, `${kind} ${name}`);
	return found;
};
const workloads = [...ofKind('Deployment'), ...ofKind('Job')];
const podOf = (workload) => workload.spec.template.spec;
const containersOf = (workload) => [
	...(podOf(workload).initContainers ?? []),
	...podOf(workload).containers,
];

/** Validators of the published schemas, by apiVersion and kind. */
function validators() {
	const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
	const { kinds, definitions } = schema('kubernetes');
	ajv.addSchema({ $id: 'kubernetes', definitions });
	const found = Object.fromEntries(
		Object.entries(kinds).map(([kind, name]) => [
			kind,
			ajv.compile({ $ref: `kubernetes#/definitions/${name}` }),
		]),
	);
	const cluster = schema('cloudnative-pg-cluster');
	found[cluster.kind] = ajv.compile(cluster.schema);
	return found;
}

const validatorOf = validators();

function faults(object) {
	const validate = validatorOf[`${object.apiVersion} ${object.kind}`];
	if (!validate) return [`there is no schema of ${object.apiVersion} ${object.kind}`];
	return validate(object)
		? []
		: validate.errors.map(
				({ instancePath, message, params }) =>
					`${instancePath} ${message} ${params.additionalProperty ?? ''}`,
			);
}

test('each object is one by the published schema of its kind', () => {
	assert.ok(objects.length > 20);
	for (const object of objects)
		assert.deepEqual(faults(object), [], `${object.kind} ${object.metadata.name}`);
});

test('the schemas refuse a misspelt property, a wrong type and an unknown kind', () => {
	const change = (object, edit) => {
		const copy = structuredClone(object);
		edit(copy.spec);
		return faults(copy);
	};
	const sidecar = named('Deployment', 'sidecar');
	assert.match(
		change(sidecar, (spec) => (spec.template.spec.containers[0].readynessProbe = {})).join(),
		/readynessProbe/,
	);
	assert.match(
		change(sidecar, (spec) => (spec.replicas = 'three')).join(),
		/replicas must be integer/,
	);
	const cluster = named('Cluster', 'ytempire-postgres');
	assert.match(change(cluster, (spec) => (spec.instance = 3)).join(), /instance/);
	assert.match(change(cluster, (spec) => (spec.instances = 0)).join(), /instances/);
	assert.notDeepEqual(faults({ apiVersion: 'extensions/v1beta1', kind: 'Deployment' }), []);
});

test('all files are applied, in one namespace', () => {
	assert.deepEqual([...kustomization.resources, 'kustomization.yaml'].toSorted(), files.toSorted());
	for (const object of objects)
		if (object.kind !== 'Namespace') assert.equal(object.metadata.namespace, 'ytempire');
});

test('no pod may do more than it needs', () => {
	for (const workload of workloads) {
		const { name } = workload.metadata;
		const pod = podOf(workload);
		assert.equal(pod.automountServiceAccountToken, false, name);
		assert.equal(pod.securityContext.runAsNonRoot, true, name);
		assert.equal(pod.securityContext.seccompProfile.type, 'RuntimeDefault', name);
		for (const container of containersOf(workload)) {
			const { securityContext, resources } = container;
			assert.equal(securityContext.readOnlyRootFilesystem, true, name);
			assert.equal(securityContext.allowPrivilegeEscalation, false, name);
			assert.deepEqual(securityContext.capabilities, { drop: ['ALL'] }, name);
			assert.ok(resources.limits.memory && resources.requests.memory, name);
		}
		for (const volume of pod.volumes)
			if (volume.emptyDir) assert.ok(volume.emptyDir.sizeLimit, `${name}: ${volume.name}`);
	}
});

test('each server is probed for its start, its readiness and its life', () => {
	for (const deployment of ofKind('Deployment'))
		for (const container of podOf(deployment).containers)
			for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'])
				assert.ok(container[probe], `${container.name}: ${probe}`);
	const [sidecar] = podOf(named('Deployment', 'sidecar')).containers;
	// Were it the readiness, a database that is away would restart all of them.
	assert.equal(sidecar.livenessProbe.httpGet.path, '/health/live');
	assert.equal(sidecar.readinessProbe.httpGet.path, '/health/ready');
});

test('secrets are files of named Secrets, and none is in the repository', () => {
	assert.deepEqual(ofKind('Secret'), []);
	for (const { data } of ofKind('ConfigMap'))
		for (const [name, value] of Object.entries(data))
			if (/PASSWORD|SECRET|KEYSET|TOKEN|_KEY/.test(name) && name !== 'N8N_RUNNERS_AUTH_TOKEN')
				assert.match(`${name}=${value}`, /_FILE=\/run\//);
	for (const workload of workloads)
		for (const { env = [] } of containersOf(workload))
			for (const { valueFrom } of env) assert.ok(!valueFrom?.secretKeyRef);
	// What is read is mounted.
	for (const workload of workloads)
		for (const container of podOf(workload).containers) {
			const settings = [
				...(container.envFrom ?? []).flatMap(({ configMapRef }) =>
					Object.entries(named('ConfigMap', configMapRef.name).data),
				),
				...(container.env ?? []).map(({ name, value }) => [name, value]),
			];
			const there = container.volumeMounts.map((each) => each.mountPath);
			for (const [name, value] of settings)
				if (/_FILE$/.test(name))
					assert.ok(there.includes(value.replace(/\/[^/]+$/, '')), `${container.name}: ${name}`);
		}
});

test("the administrator's password is the migration's alone", () => {
	const { name } = named('Cluster', 'ytempire-postgres').spec.superuserSecret;
	const holders = workloads.filter((each) => JSON.stringify(each).includes(name));
	assert.deepEqual(
		holders.map((each) => each.metadata.name),
		['migrate'],
	);
});

test('nothing is reached that no policy names', () => {
	const [all] = ofKind('NetworkPolicy').filter((each) => each.metadata.name === 'default-deny');
	assert.deepEqual(all.spec, {
		podSelector: { matchExpressions: [{ key: 'cnpg.io/cluster', operator: 'DoesNotExist' }] },
		policyTypes: ['Ingress', 'Egress'],
	});
	for (const { metadata, spec } of ofKind('NetworkPolicy'))
		for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
			assert.ok((rule.from ?? rule.to)?.length > 0, `${metadata.name}: a rule for everybody`);
			assert.ok(rule.ports?.length > 0, `${metadata.name}: a rule for every port`);
			for (const { ipBlock } of rule.to ?? [])
				if (ipBlock?.cidr === '0.0.0.0/0')
					for (const inside of ['10.0.0.0/8', '169.254.0.0/16', '192.168.0.0/16'])
						assert.ok(ipBlock.except.includes(inside), `${metadata.name}: ${inside}`);
		}
	// The names in the policies are those of pods.
	const pods = workloads.map(
		(each) => each.spec.template.metadata.labels['app.kubernetes.io/name'],
	);
	const text = JSON.stringify(ofKind('NetworkPolicy'));
	for (const name of pods) assert.match(text, new RegExp(`"${name}"`), name);
});

test('sidecars reach the ports at which mail servers take mail', () => {
	const { egress } = named('NetworkPolicy', 'sidecar').spec;
	const outside = egress.find(({ to }) => to.some(({ ipBlock }) => ipBlock));
	assert.deepEqual(
		outside.ports.map(({ port }) => port),
		[443, 587, 465],
	);
	// n8n mails nobody.
	for (const { ports } of named('NetworkPolicy', 'n8n').spec.egress)
		assert.ok(!ports.some(({ port }) => [465, 587].includes(port)));
});

test("the network of all pods is not the ingress controller's", () => {
	const { data } = named('ConfigMap', 'ytempire-sidecar');
	for (const network of data.YTEMPIRE_TRUSTED_PROXIES.split(','))
		assert.ok(Number(network.trim().split('/')[1]) >= 28, network);
});

test('a sidecar leaves its Service before it is told to stop, and has time to end', () => {
	const pod = podOf(named('Deployment', 'sidecar'));
	const pause = pod.containers[0].lifecycle.preStop.sleep.seconds;
	const delay = Number(
		named('ConfigMap', 'ytempire-sidecar').data.YTEMPIRE_SHUTDOWN_DELAY_SECONDS ?? 0,
	);
	assert.ok(pause >= 5);
	// Twenty seconds for the requests under way.
	assert.ok(pause + delay + 20 < pod.terminationGracePeriodSeconds);
});

/** Whether a selector of pods, as Kubernetes defines it, selects one with these labels. */
const selects = ({ matchLabels = {}, matchExpressions = [] }, labels) =>
	Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
	matchExpressions.every(({ key, operator, values }) => {
		switch (operator) {
			case 'In':
				return values.includes(labels[key]);
			case 'NotIn':
				return !values.includes(labels[key]);
			case 'Exists':
				return key in labels;
			case 'DoesNotExist':
				return !(key in labels);
			default:
				throw new Error(operator);
		}
	});
const restricting = (direction, labels) =>
	ofKind('NetworkPolicy').filter(
		({ spec }) => spec.policyTypes.includes(direction) && selects(spec.podSelector, labels),
	);

test("PostgreSQL's pods reach the API server, each other and the backups' store", () => {
	const labels = { 'cnpg.io/cluster': named('Cluster', 'ytempire-postgres').metadata.name };
	assert.deepEqual(
		restricting('Egress', labels).map((each) => each.metadata.name),
		[],
	);
	assert.ok(restricting('Ingress', labels).length > 0);
	// All others find names.
	for (const workload of workloads)
		assert.ok(
			restricting('Egress', workload.spec.template.metadata.labels).some(
				({ metadata }) => metadata.name === 'names',
			),
			workload.metadata.name,
		);
});

test('autoscalers, budgets and Services point at what is there', () => {
	for (const { spec } of ofKind('HorizontalPodAutoscaler')) {
		const target = named('Deployment', spec.scaleTargetRef.name);
		// An applied number would undo the autoscaler's.
		assert.equal(target.spec.replicas, undefined, spec.scaleTargetRef.name);
	}
	const labels = workloads.map((each) => JSON.stringify(each.spec.template.metadata.labels));
	for (const { metadata, spec } of ofKind('PodDisruptionBudget')) {
		assert.ok(labels.includes(JSON.stringify(spec.selector.matchLabels)), metadata.name);
		const { minReplicas } = named('HorizontalPodAutoscaler', metadata.name).spec;
		// Otherwise no node could ever be drained.
		assert.ok(spec.minAvailable < minReplicas, metadata.name);
	}
	for (const { metadata, spec } of ofKind('Service')) {
		const workload = workloads.find(
			(each) =>
				JSON.stringify(each.spec.template.metadata.labels) === JSON.stringify(spec.selector),
		);
		assert.ok(workload, metadata.name);
		const ports = podOf(workload).containers.flatMap((each) => each.ports.map(({ name }) => name));
		for (const port of spec.ports) assert.ok(ports.includes(port.targetPort), metadata.name);
	}
});

test('PostgreSQL has connections for as many replicas as there may be', () => {
	const { parameters } = named('Cluster', 'ytempire-postgres').spec.postgresql;
	const most = (name) => named('HorizontalPodAutoscaler', name).spec.maxReplicas;
	// A sidecar's two pools, and n8n's default of ten for each process, with one more at a rollout.
	const needed = (most('sidecar') + 1) * 18 + (most('n8n-worker') + 2) * 10;
	assert.ok(Number(parameters.max_connections) - needed >= 50, `${needed} are needed`);
});

test("PostgreSQL's access rules are compose.yml's, by TLS", () => {
	const rules = named('Cluster', 'ytempire-postgres').spec.postgresql.pg_hba;
	const compose = read('deploy/postgres/pg_hba.conf')
		.match(/^host .*$/gm)
		.map((line) => line.split(/\s+/))
		.filter(([, , user]) => !['grafana', 'exporter', 'replicator'].includes(user));
	assert.deepEqual(
		rules.map((line) => line.split(' ')),
		compose.map(([, database, user, , method]) => [
			method === 'reject' ? 'host' : 'hostssl',
			database,
			user,
			'all',
			method,
		]),
	);
});

test('n8n is set up as in compose.yml', () => {
	const compose = parse(read('compose.yml'), { merge: true })['x-n8n'].environment;
	const { data } = named('ConfigMap', 'ytempire-n8n');
	const other =
		/^(DB_POSTGRESDB_(HOST|PASSWORD_FILE)|QUEUE_BULL_REDIS_PASSWORD_FILE|EXECUTIONS_MODE)$/;
	for (const [name, value] of Object.entries(compose))
		if (!other.test(name)) assert.equal(data[name], value, name);
	assert.deepEqual(
		Object.keys(data).filter((name) => !(name in compose)),
		['DB_POSTGRESDB_SSL_CA_FILE'],
	);
	const version = /image: n8nio\/n8n:(\S+)/.exec(read('compose.yml'))[1];
	assert.ok(read('deploy/kubernetes/n8n.Dockerfile').includes(`FROM n8nio/n8n:${version}\n`));
});

test("the sidecar's settings exist", () => {
	const documented = read('docs/operations/settings.md');
	for (const name of Object.keys(named('ConfigMap', 'ytempire-sidecar').data))
		assert.ok(documented.includes(`\`${name.replace(/_FILE$/, '')}\``), name);
});

test('the proxy serves the paths that Caddy serves', () => {
	const [, paths] = /@public path (.*)/.exec(read('deploy/Caddyfile'));
	const served = ofKind('Ingress')[0].spec.rules[0].http.paths.map((each) => each.path);
	assert.deepEqual(
		served.toSorted(),
		[...new Set(paths.split(' ').map((path) => path.replace(/\/\*$/, '') || '/'))].toSorted(),
	);
});

test('images are those that the release workflow pushes, of one release', () => {
	const { include } = parse(read('.github/workflows/release.yml')).jobs.images.strategy.matrix;
	const pushed = include.map((each) => each.image);
	const images = workloads.flatMap((each) => containersOf(each).map(({ image }) => image));
	for (const image of [...images, named('Cluster', 'ytempire-postgres').spec.imageName])
		assert.match(image, /:v?\d+\.\d+/, image);
	const ours = images.filter((image) => image.startsWith('ghcr.io/ytempire/'));
	for (const image of ours)
		assert.ok(pushed.includes(/ytempire-data\/(\w+):/.exec(image)[1]), image);
	assert.equal(new Set(ours.map((image) => image.split(':')[1])).size, 1);
	for (const { name, newTag } of kustomization.images)
		assert.ok(ours.includes(`${name}:${newTag}`), name);
});
