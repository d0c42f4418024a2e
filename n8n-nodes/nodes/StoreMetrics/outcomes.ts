import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import type { StoreResult } from '../shared/contract';
import { commonest } from '../shared/counts';
import { faultInWords } from '../shared/sidecar';

type ReferenceOutcome = StoreResult['references'][number];

/** An item that was sent. */
export interface SentItem {
	item: number;
	json: IDataObject;
}

/** Collects what became of rows and references: items for both outputs, counts, and why rows were rejected. */
export class Outcomes {
	readonly stored: INodeExecutionData[] = [];
	readonly rejected: INodeExecutionData[] = [];
	private readonly reasons: string[] = [];
	private readonly failures: string[] = [];
	private readonly counts = { created: 0, updated: 0, unchanged: 0, rejected: 0 };
	private readonly batches: Record<ReferenceOutcome['outcome'], number> = {
		stored: 0,
		'already-stored': 0,
		'unknown-batch': 0,
		unavailable: 0,
	};

	/**
	 * @param isSummary whether stored items are only counted
	 * @param isDry whether nothing is stored, so that each item says so
	 */
	constructor(
		private readonly isSummary: boolean,
		private readonly isDry: boolean,
	) {}

	add(result: StoreResult, rows: SentItem[], references: SentItem[]): void {
		for (const { row, ...outcome } of result.rows) {
			const name = outcome.outcome === 'stored' ? 'created' : outcome.outcome;
			this.counts[name]++;
			const isRejected = name === 'rejected';
			if (isRejected) this.reasons.push(reasonOf(outcome.faults));
			this.push(rows[row]!, { ...(outcome as IDataObject), outcome: name }, isRejected);
		}
		for (const { reference, stored, ...outcome } of result.references ?? []) {
			this.batches[outcome.outcome]++;
			const counts = { created: stored, updated: outcome.updated, unchanged: outcome.unchanged };
			this.counts.created += counts.created;
			this.counts.updated += counts.updated;
			this.counts.unchanged += counts.unchanged;
			this.counts.rejected += outcome.rejected;
			const isRejected =
				outcome.rejected > 0 ||
				outcome.outcome === 'unknown-batch' ||
				outcome.outcome === 'unavailable';
			if (isRejected) {
				this.reasons.push(outcome.faults ? reasonOf(outcome.faults) : outcome.outcome);
			}
			const json = { ...(outcome as unknown as IDataObject), ...counts };
			this.push(references[reference]!, json, isRejected);
		}
	}

	/** Adds an item that failed, with its error. */
	addFailed(failed: INodeExecutionData): void {
		this.counts.rejected++;
		this.failures.push(String(failed.json.error));
		this.rejected.push(failed);
	}

	private push({ item, json }: SentItem, outcome: IDataObject, isRejected: boolean): void {
		if (!isRejected && this.isSummary) return;
		(isRejected ? this.rejected : this.stored).push({
			json: { ...json, ...outcome, ...(this.isDry ? { dryRun: true } : {}) },
			pairedItem: { item },
		});
	}

	private get hasReferences() {
		return Object.values(this.batches).some((count) => count > 0);
	}

	/** The counts of all; an item that failed counts as rejected. */
	summary(): IDataObject {
		return {
			...this.counts,
			...(this.hasReferences
				? {
						alreadyStored: this.batches['already-stored'],
						unknownBatches: this.batches['unknown-batch'],
						unavailable: this.batches.unavailable,
					}
				: {}),
			dryRun: this.isDry,
		};
	}

	/** What to say above the output: what was rejected, and what failed. */
	hints(sent: number): string[] {
		return [this.rejectedHint(sent), this.failedHint(sent)].filter((hint) => hint !== undefined);
	}

	private failedHint(sent: number): string | undefined {
		if (!this.failures.length) return undefined;
		const error = commonest(this.failures).replace(/\.?$/, '.');
		return `${this.failures.length} of ${sent} items failed. Most often: ${error} Each has the field error.`;
	}

	private rejectedHint(sent: number): string | undefined {
		if (!this.reasons.length) return undefined;
		const reason = commonest(this.reasons);
		const advice = ADVICE[reason] ?? 'Correct that field, and store the rejected items again.';
		return `${this.reasons.length} of ${sent} ${this.hasReferences ? 'items' : 'rows'} were rejected, most often with: ${reason}. ${advice} They leave on the output Rejected, each with what is wrong.`;
	}
}

const ADVICE: Record<string, string> = {
	'unknown-batch': 'References expire after an hour: fetch again.',
	unavailable: 'The database is unavailable: store the same references again in a while.',
};

const reasonOf = (faults: ReferenceOutcome['faults'] = []) =>
	faults.length ? faultInWords(faults[0]!) : 'rejected';
