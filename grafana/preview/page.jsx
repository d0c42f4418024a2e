// The page: draws a dashboard with Grafana's own React components from page.mjs's pageData. The address chooses: ?dashboard=NAME&theme=light|dark,
// and, where a server makes the page, a value for each variable. window.draw draws another one of the page's dashboards in its place.
// Not drawn as in Grafana: transformations (we have none), the bar of time ranges, tooltips of annotations.
import '@fontsource/inter/latin-400.css';
import '@fontsource/inter/latin-500.css';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import {
	applyFieldOverrides,
	createTheme,
	dateTime,
	fieldMatchers,
	FieldConfigOptionsRegistry,
	getFieldDisplayValues,
	ThemeContext,
	toDataFrame,
	VizOrientation,
} from '@grafana/data';
import {
	BarGauge,
	BigValue,
	GlobalStyles,
	PanelChrome,
	TimeSeries,
	VizRepeater,
} from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';

const { dashboards, user, at, isLive } = JSON.parse(document.getElementById('data').textContent);
const address = new URLSearchParams(window.location.search);
const unchanged = (text) => text;

/** What is drawn, and how wide; set by choose. */
let name, dashboard, mode, theme, timeZone, width, isNarrow;

/** Grafana's grid has 24 columns; a row is 30 pixels high and 8 apart. */
const COLUMNS = 24;
const ROW = 38;
const GAP = 8;
const NARROW = 768;

/** A picture instead of one from the network. */
const PLACEHOLDER =
	'data:image/svg+xml,' +
	encodeURIComponent(
		'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="36"><rect width="64" height="36" rx="3" fill="#8e9bb3"/><path d="M26 10v16l14-8z" fill="#fff"/></svg>',
	);

/** Adds what Grafana fills in when it loads a dashboard: JSON has null for -Infinity, and no thresholds or color where nobody set any. */
function complete({ defaults = {}, overrides = [] } = {}) {
	const { mode = 'absolute', steps = [{ value: null, color: 'green' }] } =
		defaults.thresholds ?? {};
	const thresholds = {
		mode,
		steps: steps.map((step) => ({ ...step, value: step.value ?? -Infinity })),
	};
	const completed = overrides.map(({ matcher, properties }) => ({
		matcher,
		properties: properties.map((property) =>
			property.id === 'thresholds'
				? {
						...property,
						value: {
							...property.value,
							steps: property.value.steps.map((step) => ({
								...step,
								value: step.value ?? -Infinity,
							})),
						},
					}
				: property,
		),
	}));
	return {
		overrides: completed,
		defaults: { color: { mode: 'thresholds' }, ...defaults, thresholds },
	};
}

/** The options that occur: in Grafana each panel plugin registers its own, and applyFieldOverrides applies none that is not registered. */
function registryOf({ defaults, overrides }) {
	const ids = new Set([
		...Object.keys(defaults).filter((key) => key !== 'custom'),
		...Object.keys(defaults.custom ?? {}).map((key) => `custom.${key}`),
		...overrides.flatMap(({ properties }) => properties.map(({ id }) => id)),
	]);
	return new FieldConfigOptionsRegistry(() =>
		[...ids].map((id) => ({
			id,
			name: id,
			path: id.replace(/^custom\./, ''),
			isCustom: id.startsWith('custom.'),
			process: (value) => value,
			shouldApply: () => true,
		})),
	);
}

/** Without pictures from the network. */
const offline = ({ fields }) => ({
	fields: fields.map((field) => ({
		...field,
		values: field.values.map((value) =>
			typeof value === 'string' && /^https:\/\/i\.ytimg\.com\//.test(value) ? PLACEHOLDER : value,
		),
	})),
});

function framesOf(panel) {
	const fieldConfig = complete(panel.fieldConfig);
	return applyFieldOverrides({
		data: panel.frames.map((frame) => toDataFrame(offline(frame))),
		fieldConfig,
		fieldConfigRegistry: registryOf(fieldConfig),
		replaceVariables: unchanged,
		theme,
		timeZone,
	});
}

const displayValuesOf = (panel, sparkline) =>
	getFieldDisplayValues({
		data: framesOf(panel),
		fieldConfig: complete(panel.fieldConfig),
		reduceOptions: panel.options.reduceOptions,
		replaceVariables: unchanged,
		theme,
		timeZone,
		sparkline,
	});

const wholeRange = { from: dateTime(0), to: dateTime(8.64e15), raw: { from: 'now', to: 'now' } };
const legendOf = (panel) => ({
	showLegend: true,
	displayMode: 'list',
	placement: 'bottom',
	calcs: [],
	...panel.options?.legend,
});

/** Dashed lines on the days of annotations. */
const annotate = (builder) => {
	builder.addHook('draw', (plot) => {
		const { ctx, bbox } = plot;
		ctx.save();
		ctx.setLineDash([5, 5]);
		ctx.lineWidth = 2;
		for (const { time, color } of dashboard.annotations) {
			const x = plot.valToPos(time, 'x', true);
			if (x < bbox.left || x > bbox.left + bbox.width) continue;
			ctx.strokeStyle = theme.visualization.getColorByName(color);
			ctx.beginPath();
			ctx.moveTo(x, bbox.top);
			ctx.lineTo(x, bbox.top + bbox.height);
			ctx.stroke();
		}
		ctx.restore();
	});
	return null;
};

const DRAWINGS = {
	timeseries: (panel, width, height) => (
		<TimeSeries
			frames={framesOf(panel)}
			width={width}
			height={height}
			timeZone={timeZone}
			timeRange={{ ...wholeRange, from: dateTime(panel.from), to: dateTime(panel.to) }}
			legend={legendOf(panel)}
		>
			{annotate}
		</TimeSeries>
	),
	// The same component, with numbers in ascending order instead of times.
	trend: (panel, width, height) => (
		<TimeSeries
			frames={framesOf(panel)}
			fields={{
				x: fieldMatchers.get('byName').get(panel.options.xField),
				y: (field) => field.name !== panel.options.xField,
			}}
			preparePlotFrame={([frame]) => ({
				...frame,
				fields: frame.fields.map((field, index) => ({
					...field,
					state: { ...field.state, origin: { frameIndex: 0, fieldIndex: index } },
				})),
			})}
			width={width}
			height={height}
			timeZone={timeZone}
			timeRange={wholeRange}
			legend={legendOf(panel)}
		/>
	),
	stat: (panel, width, height) => {
		const {
			graphMode = 'area',
			colorMode = 'value',
			textMode = 'auto',
			justifyMode = 'auto',
			orientation,
		} = panel.options;
		const values = displayValuesOf(panel, graphMode !== 'none');
		const isColumn = orientation === 'horizontal' || (orientation === 'auto' && height > width);
		return (
			<div style={{ display: 'flex', flexDirection: isColumn ? 'column' : 'row' }}>
				{values.map(({ display, sparkline }, index) => (
					<BigValue
						key={index}
						value={display}
						sparkline={sparkline}
						width={isColumn ? width : width / values.length}
						height={isColumn ? height / values.length : height}
						theme={theme}
						colorMode={colorMode}
						graphMode={graphMode}
						justifyMode={justifyMode}
						textMode={textMode}
						text={panel.options.text}
					/>
				))}
			</div>
		);
	},
	bargauge: (panel, width, height) => {
		const {
			displayMode = 'gradient',
			namePlacement = 'auto',
			valueMode = 'color',
			showUnfilled = true,
		} = panel.options;
		const values = displayValuesOf(panel);
		const longest = values.reduce(
			(most, { display }) => (display.title?.length > most.title?.length ? display : most),
			values[0]?.display ?? {},
		);
		return (
			<VizRepeater
				source={values}
				getValues={() => values}
				width={width}
				height={height}
				orientation={VizOrientation.Horizontal}
				itemSpacing={8}
				renderCounter={0}
				getAlignmentFactors={() => longest}
				renderValue={({ value, width, height, alignmentFactors }) => (
					<BarGauge
						value={value.display}
						display={value.view?.getFieldDisplayProcessor(value.colIndex)}
						field={value.field}
						alignmentFactors={alignmentFactors}
						width={width}
						height={height}
						orientation={VizOrientation.Horizontal}
						displayMode={displayMode}
						namePlacement={namePlacement}
						valueDisplayMode={valueMode}
						text={panel.options.text}
						theme={theme}
						showUnfilled={showUnfilled}
					/>
				)}
			/>
		);
	},
	table: (panel, width, height) => (
		<TableNG data={framesOf(panel)[0]} width={width} height={height} structureRev={1} />
	),
};

function content(panel, width, height) {
	if (panel.error)
		return <div style={{ padding: 8, color: theme.colors.error.text }}>{panel.error}</div>;
	if (panel.faults.includes('it has no data'))
		return <div style={{ margin: 'auto', color: theme.colors.text.secondary }}>No data</div>;
	return DRAWINGS[panel.type]
		? DRAWINGS[panel.type](panel, width, height)
		: `no preview of ${panel.type}`;
}

function Panel({ panel }) {
	const { x, y, w, h } = panel.gridPos;
	const column = width / COLUMNS;
	const place = isNarrow
		? { margin: GAP / 2 }
		: { position: 'absolute', left: x * column + GAP / 2, top: y * ROW + GAP / 2 };
	return (
		<div style={place}>
			<PanelChrome
				title={panel.title}
				description={panel.description}
				width={isNarrow ? width - GAP : w * column - GAP}
				height={h * ROW - GAP}
			>
				{(inner, height) => (
					<div style={{ width: inner, height, display: 'flex' }}>
						{content(panel, inner, height)}
					</div>
				)}
			</PanelChrome>
		</div>
	);
}

const link = (changes) => {
	const to = new URLSearchParams(address);
	Object.entries(changes).forEach(([key, value]) => to.set(key, value));
	return `?${to}`;
};

/** A choice where a server makes the page, else the value as text. */
function Variable({ id, variable: { label, options, value, multi } }) {
	const all = multi && value.length === options.length;
	const shown = all
		? 'All'
		: options
				.filter((option) => [value].flat().includes(option.value))
				.map(({ text }) => text)
				.join(', ');
	const style = {
		background: theme.components.input.background,
		color: theme.colors.text.primary,
		border: `1px solid ${theme.components.input.borderColor}`,
		borderRadius: 2,
		padding: '3px 6px',
		font: 'inherit',
		maxWidth: 260,
		overflow: 'hidden',
		textOverflow: 'ellipsis',
		whiteSpace: 'nowrap',
	};
	return (
		<label style={{ display: 'flex', gap: 6, alignItems: 'center' }}>
			<span style={{ color: theme.colors.text.secondary }}>{label}</span>
			{isLive ? (
				<select
					style={style}
					value={all ? '' : [value].flat()[0]}
					onChange={({ target }) => (window.location.search = link({ [id]: target.value }))}
				>
					{multi && <option value="">All</option>}
					{options.map(({ text, value }) => (
						<option key={value} value={value}>
							{text}
						</option>
					))}
				</select>
			) : (
				<span style={style}>{shown}</span>
			)}
		</label>
	);
}

function Header() {
	const day = (time) => dateTime(time).utc().format('D MMM YYYY');
	return (
		<div
			style={{
				padding: '8px 8px 4px',
				display: 'flex',
				flexWrap: 'wrap',
				gap: '6px 16px',
				alignItems: 'center',
				fontSize: 13,
			}}
		>
			<nav style={{ display: 'flex', gap: 12, fontSize: 15 }}>
				{Object.entries(dashboards).map(([key, { title }]) => (
					<a
						key={key}
						href={link({ dashboard: key })}
						style={{
							color: key === name ? theme.colors.text.primary : theme.colors.text.link,
							fontWeight: key === name ? 500 : 400,
						}}
					>
						{title}
					</a>
				))}
			</nav>
			{Object.entries(dashboard.variables).map(([key, variable]) => (
				<Variable key={key} id={key} variable={variable} />
			))}
			<span style={{ color: theme.colors.text.secondary }}>
				{day(dashboard.range.from)} – {day(dashboard.range.to)}
			</span>
			<a
				href={link({ theme: mode === 'dark' ? 'light' : 'dark' })}
				style={{ color: theme.colors.text.link }}
			>
				{mode === 'dark' ? 'Light' : 'Dark'}
			</a>
			<span style={{ color: theme.colors.text.secondary, marginLeft: isNarrow ? 0 : 'auto' }}>
				{user}, {dateTime(at).utc().format('D MMM HH:mm')} UTC
			</span>
		</div>
	);
}

/** Chooses a dashboard and a theme, light or dark; the first dashboard where there is none of the name. */
function choose(dashboardName, themeName) {
	name = Object.hasOwn(dashboards, dashboardName ?? '')
		? dashboardName
		: Object.keys(dashboards)[0];
	dashboard = dashboards[name];
	mode = themeName === 'dark' ? 'dark' : 'light';
	theme = createTheme({ colors: { mode } });
	timeZone = dashboard.timezone ?? 'utc';
	// On a phone Grafana stacks the panels in the order of the grid, each as wide as the screen.
	width = document.documentElement.clientWidth;
	isNarrow = width < NARROW;
	document.title = `${dashboard.title} – ${user}`;
	Object.assign(document.body.style, {
		margin: 0,
		background: theme.colors.background.canvas,
		color: theme.colors.text.primary,
		fontFamily: theme.typography.fontFamily,
		fontSize: '14px',
	});
}

const root = createRoot(document.getElementById('root'));
let drawings = 0;

/** Draws a dashboard in a theme, in place of what is drawn; resolves when it stands. */
function draw(dashboardName, themeName) {
	choose(dashboardName, themeName);
	const rows = Math.max(...dashboard.panels.map(({ gridPos: { y, h } }) => y + h));
	const inOrder = [...dashboard.panels].sort(
		(a, b) => a.gridPos.y - b.gridPos.y || a.gridPos.x - b.gridPos.x,
	);
	flushSync(() =>
		root.render(
			// With a key of its own, so that nothing of the drawing before is kept.
			<ThemeContext.Provider key={++drawings} value={theme}>
				<GlobalStyles />
				<Header />
				<div style={{ position: 'relative', height: isNarrow ? 'auto' : rows * ROW + GAP }}>
					{inOrder.map((panel) => (
						<Panel key={panel.id} panel={panel} />
					))}
				</div>
			</ThemeContext.Provider>,
		),
	);
	// Once it stands and once more when the plots, which measure it, have been drawn.
	return new Promise((drawn) =>
		requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(drawn))),
	);
}

// The canvas measures text, so that the font is there first.
Promise.all(['400 14px Inter', '500 14px Inter'].map((font) => document.fonts.load(font)))
	.then(() => draw(address.get('dashboard'), address.get('theme')))
	.then(() => {
		window.draw = draw;
		document.documentElement.dataset.drawn = 'yes';
	});
