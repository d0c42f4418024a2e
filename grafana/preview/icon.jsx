// Takes the place of react-inlinesvg: draws one of Grafana's icons from the bundle instead of fetching it.
import icons from 'icons';

/** The icon of an address that ends in folder/name.svg; nothing where there is none. */
export default function InlineSvg({
	src,
	innerRef,
	onLoad,
	onError,
	loader,
	title,
	...attributes
}) {
	const text = icons[src.split('/').slice(-2).join('/').replace('.svg', '')] ?? '';
	const [, viewBox = '0 0 24 24'] = /viewBox="([^"]*)"/.exec(text) ?? [];
	const [, inner = ''] = /<svg[^>]*>([\s\S]*)<\/svg>/.exec(text) ?? [];
	return (
		<svg
			ref={innerRef}
			viewBox={viewBox}
			{...attributes}
			dangerouslySetInnerHTML={{ __html: (title ? `<title>${title}</title>` : '') + inner }}
		/>
	);
}
