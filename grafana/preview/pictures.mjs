// Pictures of the page by the Chromium that is installed.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { launchOptions } from '../../n8n-nodes/scripts/chromium.mjs';

const WIDTHS = { desktop: 1280, phone: 390 };

/** How long a page may take to be drawn, in milliseconds: all processors may be busy. */
const PATIENCE = 120_000;

/**
 * Photographs each dashboard of a page, light and dark, at the width of a desktop and of a phone: FOLDER/NAME-THEME-WIDTH.png.
 *
 * @returns what went wrong: errors of the page, and whatever it wanted from the network
 */
export async function photograph({ executablePath, page: file, names, folder }) {
	mkdirSync(folder, { recursive: true });
	const faults = [];
	const browser = await chromium.launch(launchOptions(executablePath));
	try {
		const page = await (
			await browser.newContext({
				viewport: { width: WIDTHS.desktop, height: 900 },
				deviceScaleFactor: 1,
				offline: true,
			})
		).newPage();
		page.setDefaultTimeout(PATIENCE);
		let at = 'first page';
		page.on('pageerror', (error) => faults.push(`${at}: the page failed: ${error.message}`));
		page.on(
			'console',
			(message) => message.type() === 'error' && faults.push(`${at}: ${message.text()}`),
		);
		page.on(
			'request',
			(request) =>
				/^(file|data|blob):/.test(request.url()) ||
				faults.push(`${at}: the page asks the network for ${request.url()}`),
		);
		// Loaded once: Grafana's components take longer to load than to draw.
		await page.goto(pathToFileURL(file).href);
		await page.waitForSelector('html[data-drawn]', { state: 'attached' });
		for (const [device, width] of Object.entries(WIDTHS)) {
			for (const name of names) {
				for (const theme of ['light', 'dark']) {
					at = `${name}, ${theme}, ${device}`;
					console.log(`drawing ${at}`);
					await page.setViewportSize({ width, height: 900 });
					await page.evaluate(
						([dashboard, colors]) => window.draw(dashboard, colors),
						[name, theme],
					);
					// Tables draw what is in sight.
					await page.setViewportSize({
						width,
						height: await page.evaluate(() => document.documentElement.scrollHeight),
					});
					await page.evaluate(
						() =>
							new Promise((drawn) =>
								requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(drawn))),
							),
					);
					await page.screenshot({
						path: join(folder, `${name}-${theme}-${device}.png`),
						fullPage: true,
					});
				}
			}
		}
	} finally {
		await browser.close();
	}
	return faults;
}
