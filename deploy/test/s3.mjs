// A server that speaks S3 over TLS, for the tests of backups: S3Proxy, which checks the signatures of requests and keeps objects in a folder.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** S3Proxy as Maven names it, and its checksum. */
const S3PROXY = {
	artifact: 'org.gaul:s3proxy:4.1.0:jar:jar-with-dependencies',
	file: 's3proxy-4.1.0-jar-with-dependencies.jar',
	sha1: '0a0b89e982bc1b1b5757d45b61109e05a840dd87',
};

/** The access key that the server knows, and its secret. */
export const IDENTITY = 'an-identity';
export const CREDENTIAL = 'a-credential';

export const BUCKET = 'backups';

/** Options of the JVM that S3Proxy runs in. */
export const JVM = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

/** Whether S3Proxy's jar is in a folder already. */
export const isFetched = (folder) => existsSync(join(folder, S3PROXY.file));

/** S3Proxy's jar in a folder, fetched once by Maven; returns the file. */
export function fetchS3Proxy(jdk, folder) {
	const file = join(folder, S3PROXY.file);
	if (!isFetched(folder)) {
		const words = [
			'-B',
			'-q',
			'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy',
			`-Dartifact=${S3PROXY.artifact}`,
			`-DoutputDirectory=${folder}`,
		];
		const done = spawnSync('mvn', words, {
			cwd: folder,
			encoding: 'utf8',
			env: { ...process.env, JAVA_HOME: jdk },
		});
		if (done.status !== 0) throw new Error(`Maven cannot fetch S3Proxy: ${done.stdout}`);
	}
	const found = createHash('sha1').update(readFileSync(file)).digest('hex');
	if (found !== S3PROXY.sha1) throw new Error(`${file} is not S3Proxy: its SHA-1 is ${found}`);
	return file;
}

/**
 * Makes the server's key, keys.p12, and ca.pem, which clients trust, in a folder.
 *
 * host: the name by which clients call the server; must: runs a command and throws where it fails
 */
export function makeKeys(jdk, folder, host, must) {
	const keytool = join(jdk, 'bin/keytool');
	const store = [
		'-keystore',
		join(folder, 'keys.p12'),
		'-storetype',
		'PKCS12',
		'-storepass',
		'changeit',
		'-alias',
		's3',
	];
	must(
		keytool,
		'-genkeypair',
		...store,
		'-keyalg',
		'RSA',
		'-validity',
		'30',
		'-dname',
		`CN=${host}`,
		'-ext',
		`SAN=DNS:${host}`,
		'-ext',
		'BC:critical=ca:true',
	);
	must(keytool, '-exportcert', '-rfc', ...store, '-file', join(folder, 'ca.pem'));
}

/**
 * The text of S3Proxy's settings.
 *
 * endpoint: that it listens at; keys: the file of makeKeys; folder: that has one folder for each bucket; credential: the secret that it knows
 */
export const settings = ({ endpoint, keys, folder, credential = CREDENTIAL }) =>
	[
		`s3proxy.secure-endpoint=${endpoint}`,
		`s3proxy.keystore-path=${keys}`,
		's3proxy.keystore-password=changeit',
		's3proxy.authorization=aws-v4',
		`s3proxy.identity=${IDENTITY}`,
		`s3proxy.credential=${credential}`,
		'jclouds.provider=filesystem-nio2',
		`jclouds.filesystem.basedir=${folder}`,
	].join('\n');
