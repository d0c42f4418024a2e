// Bundles the page's script and styles into a folder. Monaco (the code editor, 81 MB) and OpenLayers (maps) are in @grafana/ui's graph and never
// drawn: left out, which also makes one file, because scripts in several do not load from file:.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dirname;

/** What is in the graph of @grafana/ui and never drawn. */
const UNUSED = /^(monaco-editor|@monaco-editor\/react|ol)(\/|$)/;

/** Grafana's server gives fonts and icons by address; here they are part of the bundle, so that the page asks for nothing. */
const parts = {
	name: 'parts',
	setup(bundler) {
		bundler.onResolve({ filter: UNUSED }, ({ path }) => ({ path, namespace: 'unused' }));
		bundler.onLoad({ filter: /.*/, namespace: 'unused' }, () => ({
			contents: 'module.exports = {}',
			loader: 'js',
		}));
		bundler.onLoad({ filter: /@grafana.ui.dist.esm.themes.GlobalStyles.fonts\.mjs$/ }, () => ({
			contents: 'export const getFontStyles = () => ({});',
			loader: 'js',
		}));
		bundler.onResolve({ filter: /^react-inlinesvg$/ }, () => ({ path: join(here, 'icon.jsx') }));
		bundler.onResolve({ filter: /^icons$/ }, ({ path }) => ({ path, namespace: 'icons' }));
		bundler.onLoad({ filter: /.*/, namespace: 'icons' }, () => ({
			contents: JSON.stringify(icons()),
			loader: 'json',
		}));
	},
};

/** Grafana's icons by folder and name: the text of each SVG. */
function icons() {
	const folder = join(here, 'node_modules/@grafana/ui/dist/public/img/icons');
	return Object.fromEntries(
		readdirSync(folder, { recursive: true })
			.filter((file) => file.endsWith('.svg'))
			.map((file) => [file.replace('.svg', ''), readFileSync(join(folder, file), 'utf8')]),
	);
}

const FILES = ['page.js', 'page.css'];

/**
 * Makes page.js and page.css in a folder, unless they are there of the same sources.
 *
 * @param build esbuild's function of this name; imported only when there is something to build
 * @returns whether they were made
 */
export async function bundle(folder, build) {
	const sources = ['page.jsx', 'icon.jsx', 'bundle.mjs', 'package-lock.json'].map((name) =>
		readFileSync(join(here, name)),
	);
	const version = sources
		.reduce((hash, text) => hash.update(text), createHash('sha256'))
		.digest('hex');
	const stamp = join(folder, 'version');
	if (
		FILES.every((file) => existsSync(join(folder, file))) &&
		existsSync(stamp) &&
		readFileSync(stamp, 'utf8') === version
	)
		return false;
	mkdirSync(folder, { recursive: true });
	await (build ?? (await import('esbuild')).build)({
		entryPoints: { page: join(here, 'page.jsx') },
		outdir: folder,
		bundle: true,
		minify: true,
		format: 'iife',
		jsx: 'automatic',
		logLevel: 'warning',
		plugins: [parts],
		define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' },
		loader: {
			'.svg': 'dataurl',
			'.png': 'dataurl',
			'.woff': 'empty',
			'.woff2': 'dataurl',
			'.ttf': 'dataurl',
		},
	});
	writeFileSync(stamp, version);
	return true;
}
