// The Chromium that is installed, and how pictures are taken with it. Needs no package, so that any script of the project can use it.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The names of Chromium's program, the preferred one first. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** Why pictures are left out where no Chromium is installed. */
export const NO_CHROMIUM = `no Chromium is installed (${NAMES.slice(0, -1).join(', ')} or ${NAMES.at(-1)} on the PATH)`;

/** The first Chromium on the PATH; undefined: there is none. */
export function findChromium() {
	return (process.env.PATH ?? '')
		.split(delimiter)
		.flatMap((folder) => NAMES.map((name) => join(folder, name)))
		.find((file) => {
			try {
				accessSync(file, constants.X_OK);
				return true;
			} catch {
				return false;
			}
		});
}

/** Playwright's options to start a Chromium that draws pictures: nothing that it does besides takes a processor. */
export const launchOptions = (executablePath) => ({
	executablePath,
	headless: true,
	args: [
		'--no-sandbox',
		'--disable-gpu',
		'--disable-background-networking',
		'--disable-component-update',
		'--disable-sync',
	],
});
