// The report as one HTML file: node render.mjs data.json report.html [folder], and, with a folder, each chart as an SVG file in it.
//
// Charts are drawn by ECharts to SVG, without a browser. Each is drawn for wide and narrow pages, light and dark, and CSS shows one of them: the file needs
// no script and asks for nothing. Every chart has its numbers as a table behind a fold. All text that comes from data is escaped: by escape() in HTML, by ECharts in SVG.
import { readFileSync, writeFileSync } from 'node:fs';
import * as echarts from 'echarts';

const [source, target, pictures] = process.argv.slice(2);
const data = JSON.parse(readFileSync(source, 'utf8'));

const escape = text => String(text ?? '').replace(/[&<>"']/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[c]);
const shorten = (text, most) => { const letters = [...String(text ?? '')]; return letters.length > most ? letters.slice(0, most - 1).join('') + '…' : letters.join(''); };

const themes = {
	light: { text: '#1f2933', faint: '#6b7785', line: '#d9dee4', good: '#2a7f62', bad: '#c1443c', total: '#3b5b8c', band: '#c9d6ea', series: ['#3b5b8c', '#2a7f62', '#c9812b', '#7a4f9a', '#c1443c'], heat: ['#f0d9c0', '#ffffff', '#86cbb0'] },
	dark: { text: '#e6ebf0', faint: '#9aa6b2', line: '#3a444f', good: '#5cc49d', bad: '#ef8079', total: '#8fb1e3', band: '#33445c', series: ['#8fb1e3', '#5cc49d', '#e8b264', '#bd97db', '#ef8079'], heat: ['#5a4030', '#20262d', '#2d7458'] },
};
const widths = { wide: 860, narrow: 360 };

const percent = x => Math.round(x * 1000) / 10 + ' %';
const short = x => {
	const size = Math.abs(x);
	return size >= 1e15 ? x.toExponential(1) : size >= 1e12 ? (x / 1e12).toFixed(1) + ' T' : size >= 1e9 ? (x / 1e9).toFixed(1) + ' B' : size >= 1e6 ? (x / 1e6).toFixed(1) + ' M' : size >= 1e3 ? (x / 1e3).toFixed(0) + ' k' : String(Math.round(x));
};
const axis = t => ({ axisLine: { lineStyle: { color: t.line } }, axisTick: { show: false }, axisLabel: { color: t.faint, fontSize: 11, hideOverlap: true }, splitLine: { lineStyle: { color: t.line } } });
const grid = { left: 8, right: 20, top: 40, bottom: 10, containLabel: true };
const legend = t => ({ top: 4, left: 0, itemGap: 20, itemWidth: 14, itemHeight: 10, textStyle: { color: t.text, fontSize: 11 } });

// One chart in all four forms: options(theme, isNarrow) says what to draw.
function draw(name, height, options) {
	const forms = [];
	for (const [theme, colors] of Object.entries(themes))
		for (const [width, pixels] of Object.entries(widths)) {
			const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: pixels, height: typeof height === 'function' ? height(width === 'narrow') : height });
			chart.setOption({ animation: false, textStyle: { fontFamily: 'system-ui, sans-serif', color: colors.text }, ...options(colors, width === 'narrow') });
			const svg = chart.renderToSVGString();
			forms.push(`<div class="${theme} ${width}">${svg}</div>`);
			if (pictures && theme === 'light' && width === 'wide')
				writeFileSync(`${pictures}/${name}.svg`, svg + '\n');
			chart.dispose();
		}
	return forms.join('\n');
}

const table = (heads, rows) => `<details><summary>The numbers</summary><div class="scroll"><table><thead><tr>${heads.map(h => `<th>${escape(h)}</th>`).join('')}</tr></thead><tbody>${
	rows.map(row => `<tr>${row.map((cell, i) => (i ? `<td>${escape(cell)}</td>` : `<th>${escape(cell)}</th>`)).join('')}</tr>`).join('')}</tbody></table></div></details>`;
const section = (title, words, chart, numbers) => `<section><h2>${escape(title)}</h2><p>${escape(words)}</p><figure role="img" aria-label="${escape(title)}">${chart}</figure>${numbers}</section>`;
const groups = (rows, key) => [...new Set(rows.map(row => row[key]))];

const sections = [];

if (data.bridge)
	sections.push(section('From last year’s ARR to this year’s', 'What was won, grown, shrunk and lost, step by step.',
		draw('bridge', 300, (t, narrow) => ({
			grid, xAxis: { type: 'category', data: data.bridge.map(b => b.step), ...axis(t), splitLine: { show: false }, axisLabel: { color: t.faint, fontSize: narrow ? 9 : 11, interval: 0, rotate: narrow ? 40 : 0 } },
			yAxis: { type: 'value', ...axis(t), axisLabel: { color: t.faint, fontSize: 11, formatter: short } },
			series: [
				{ type: 'bar', stack: 'b', silent: true, itemStyle: { color: 'transparent' }, data: data.bridge.map(b => b.low) },
				{ type: 'bar', stack: 'b', label: { show: true, position: 'top', color: t.text, fontSize: narrow ? 9 : 11, formatter: p => short(data.bridge[p.dataIndex].amount) },
					data: data.bridge.map(b => ({ value: b.high - b.low, itemStyle: { color: b.total ? t.total : b.amount >= 0 ? t.good : t.bad } })) }],
		})), table(['step', 'amount'], data.bridge.map(b => [b.step, b.text]))));

if (data.trend?.length > 1)
	sections.push(section('NDR and GRR over the year before each month', 'The band is the 95 % interval of NDR: smaller moves may be chance.',
		draw('trend', 300, (t, narrow) => ({
			grid: { ...grid, right: 36 }, legend: { ...legend(t), data: ['NDR', 'GRR'] }, xAxis: { type: 'category', boundaryGap: false, data: data.trend.map(p => p.month), ...axis(t), splitLine: { show: false } },
			yAxis: { type: 'value', scale: true, ...axis(t), axisLabel: { color: t.faint, fontSize: 11, formatter: percent } },
			series: [
				{ type: 'line', stack: 'band', symbol: 'none', silent: true, lineStyle: { opacity: 0 }, data: data.trend.map(p => p.low) },
				{ type: 'line', stack: 'band', symbol: 'none', silent: true, lineStyle: { opacity: 0 }, areaStyle: { color: t.band }, data: data.trend.map(p => (p.low === null ? null : p.high - p.low)) },
				{ name: 'NDR', type: 'line', symbol: 'none', lineStyle: { color: t.total, width: 2 }, itemStyle: { color: t.total }, data: data.trend.map(p => p.ndr) },
				{ name: 'GRR', type: 'line', symbol: 'none', lineStyle: { color: t.good, width: 2 }, itemStyle: { color: t.good }, data: data.trend.map(p => p.grr) }],
		})), table(['until', 'NDR', 'low', 'high', 'GRR', 'logo churn'], data.trend.map(p => [p.month, ...p.text]))));

if (data.cohorts) {
	const cohorts = groups(data.cohorts, 'cohort');
	const ages = groups(data.cohorts, 'age').sort((a, b) => a - b);
	sections.push(section('What is left of each quarter’s new accounts', 'Revenue over that at the end of the first quarter, by quarters since.',
		draw('cohorts', 60 + 26 * cohorts.length, (t, narrow) => ({
			grid: { ...grid, top: 24, bottom: 8 }, xAxis: { type: 'category', position: 'top', data: ages, ...axis(t), splitLine: { show: false } }, yAxis: { type: 'category', inverse: true, data: cohorts, ...axis(t), splitLine: { show: false } },
			visualMap: { show: false, min: 0.4, max: 1.6, dimension: 2, inRange: { color: t.heat } },
			series: [{ type: 'heatmap', label: { show: true, color: t.text, fontSize: narrow ? 7 : 10, formatter: p => Math.round(100 * p.value[2]) }, data: data.cohorts.filter(c => c.retention !== null).map(c => [ages.indexOf(c.age), cohorts.indexOf(c.cohort), c.retention]) }],
		})), table(['cohort', ...ages.map(String)], cohorts.map(c => [c, ...ages.map(a => data.cohorts.find(x => x.cohort === c && x.age === a)?.text ?? '')]))));
}

if (data.survival) {
	const segments = groups(data.survival, 'segment');
	sections.push(section('How long accounts stay', 'The share that is still there, by months since the first day, by the band of ARR they started in.',
		draw('survival', 280, (t, narrow) => ({
			grid: { ...grid, top: narrow ? 62 : 40 }, color: t.series, legend: legend(t), xAxis: { type: 'value', name: '', ...axis(t), splitLine: { show: false } }, yAxis: { type: 'value', min: 0, max: 1, ...axis(t), axisLabel: { color: t.faint, fontSize: 11, formatter: percent } },
			series: segments.map(s => ({ name: shorten(s, 24), type: 'line', step: 'end', symbol: 'none', data: data.survival.filter(p => p.segment === s).map(p => [p.age, p.survival]) })),
		})), table(['segment', 'month', 'still there'], data.survival.map(p => [p.segment, p.age, p.text]))));
}

if (data.funnel) {
	const segments = groups(data.funnel, 'segment');
	const steps = groups(data.funnel, 'step');
	sections.push(section('How far accounts get with the product', 'Of those that signed up; who is still within the window is left out.',
		draw('funnel', 260, (t, narrow) => ({
			grid: { ...grid, top: narrow ? 62 : 40 }, color: t.series, legend: legend(t), xAxis: { type: 'category', data: steps, ...axis(t), splitLine: { show: false } }, yAxis: { type: 'value', max: 1, ...axis(t), axisLabel: { color: t.faint, fontSize: 11, formatter: percent } },
			series: segments.map(s => ({ name: shorten(s, 24), type: 'bar', data: steps.map(step => data.funnel.find(f => f.segment === s && f.step === step)?.conversion ?? null) })),
		})), table(['segment', 'step', 'reached', 'of all', 'of the step before', 'of the ARR', 'median days'], data.funnel.map(f => [f.segment, f.step, ...f.text]))));
}

if (data.forecast)
	sections.push(section('What is to be expected of the next quarter', `Of the accounts of now, ${data.forecast.arr} of ARR, from ${data.forecast.from} to ${data.forecast.to}, with the 95 % interval.`,
		draw('forecast', 150, (t, narrow) => ({
			grid: { ...grid, top: 16 }, xAxis: { type: 'value', scale: true, ...axis(t), axisLabel: { color: t.faint, fontSize: 11, formatter: percent, hideOverlap: true } }, yAxis: { type: 'category', inverse: true, data: ['NDR', 'GRR'], ...axis(t) },
			series: [{ type: 'custom', data: [data.forecast.ndr, data.forecast.grr].map((x, i) => [x[0], i, x[1], x[2]]), encode: { x: [0, 2, 3], y: 1 },
				renderItem: (_, api) => {
					const [low, mid, high] = [0, 2, 3].map(k => api.coord([api.value(k), api.value(1)]));
					return { type: 'group', children: [
						{ type: 'rect', shape: { x: low[0], y: low[1] - 6, width: high[0] - low[0], height: 12, r: 6 }, style: { fill: t.band } },
						{ type: 'circle', shape: { cx: mid[0], cy: mid[1], r: 6 }, style: { fill: t.total } }] };
				} }],
		})), table(['figure', 'expected', 'low', 'high'], data.forecast.text)));

if (data.segments)
	sections.push(section('The year by segment', 'Segments are bands of ARR. An account that grows into another is a transfer, neither churn nor new.',
		draw('segments', 280, (t, narrow) => ({
			grid: { ...grid, top: narrow ? 62 : 40 }, color: [t.total, t.good, t.series[2], t.bad, t.series[3]], legend: legend(t), xAxis: { type: 'category', data: data.segments.map(s => shorten(s.segment, narrow ? 14 : 24)), ...axis(t), splitLine: { show: false } },
			yAxis: { type: 'value', ...axis(t), axisLabel: { color: t.faint, fontSize: 11, formatter: short } },
			series: ['new', 'expansion', 'contraction', 'churned', 'moved'].map(k => ({ name: k === 'moved' ? 'moved in less out' : k, type: 'bar', data: data.segments.map(s => s[k]) })),
		})), table(['segment', 'new', 'expansion', 'contraction', 'churned', 'moved in less out'], data.segments.map(s => [s.segment, ...s.text]))));

if (data.coverage)
	sections.push(section('Who is looked after', 'Share of the ARR of each band of ARR that has a manager with room for it.',
		draw('coverage', 60 + 36 * data.coverage.length, (t, narrow) => ({
			grid: { ...grid, top: 10, right: 44 }, xAxis: { type: 'value', min: 0, max: 1, ...axis(t), axisLabel: { color: t.faint, fontSize: 11, formatter: percent, hideOverlap: true } }, yAxis: { type: 'category', inverse: true, data: data.coverage.map(c => shorten(c.segment, 20)), ...axis(t) },
			series: [{ type: 'bar', barMaxWidth: 18, itemStyle: { color: t.total }, label: { show: true, position: 'right', color: t.text, fontSize: 11, formatter: p => percent(p.value) }, data: data.coverage.map(c => c.covered) }],
		})), table(['segment', 'accounts', 'ARR', 'covered'], data.coverage.map(c => [c.segment, ...c.text]))));

if (data.books?.some(b => b.load !== null)) {
	const books = data.books.filter(b => b.load !== null);
	sections.push(section('How full the managers are', '100 % is full. The fullest, and the rest as one.',
		draw('books', 60 + 24 * books.length, (t, narrow) => ({
			grid: { ...grid, top: 10, right: 50 }, xAxis: { type: 'value', min: 0, ...axis(t), axisLabel: { color: t.faint, fontSize: 11, formatter: percent, hideOverlap: true } }, yAxis: { type: 'category', inverse: true, data: books.map(b => shorten(b.csm, narrow ? 14 : 24)), ...axis(t) },
			series: [{ type: 'bar', barMaxWidth: 14, label: { show: true, position: 'right', color: t.text, fontSize: 11, formatter: p => percent(p.value) }, data: books.map(b => ({ value: b.load, itemStyle: { color: b.load > 1 ? t.bad : t.total } })) }],
		})), table(['manager', 'accounts', 'ARR', 'load'], data.books.map(b => [b.csm, ...b.text]))));
}

const managed = data.losses?.some(l => l.text[0]);
const losses = !data.losses ? '' : `<section><h2>The largest losses of the year</h2><div class="scroll"><table><thead><tr>${['account', ...(managed ? ['manager'] : []), 'what', 'a year ago', 'now', 'change'].map(h => `<th>${h}</th>`).join('')}</tr></thead><tbody>${
	data.losses.map(l => `<tr><th dir="auto">${escape(l.account)}</th>${l.text.slice(managed ? 0 : 1).map(x => `<td dir="auto">${escape(x)}</td>`).join('')}</tr>`).join('')}</tbody></table></div></section>`;

const style = `
:root{color-scheme:light dark;--text:#1f2933;--faint:#6b7785;--back:#fff;--card:#f5f7f9;--line:#d9dee4}
@media (prefers-color-scheme:dark){:root{--text:#e6ebf0;--faint:#9aa6b2;--back:#181d23;--card:#20262d;--line:#3a444f}.light{display:none}}
@media (prefers-color-scheme:light){.dark{display:none}}
*{box-sizing:border-box}body{margin:0 auto;max-width:900px;padding:20px;font:15px/1.45 system-ui,sans-serif;color:var(--text);background:var(--back)}
h1{margin:0 0 4px;font-size:26px;overflow-wrap:anywhere}h2{margin:34px 0 2px;font-size:18px}p{margin:0 0 8px;color:var(--faint)}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(160px,1fr));gap:10px;margin:18px 0}.tile{background:var(--card);border-radius:8px;padding:12px}
.tile b{display:block;font-size:22px;white-space:nowrap}.tile.long b{font-size:17px;line-height:31px;white-space:normal;overflow-wrap:anywhere}.tile span{color:var(--faint);font-size:12px}
figure{margin:0}figure svg{max-width:100%;height:auto;display:block}.narrow{display:none}
@media (max-width:640px){body{padding:12px}figure .wide{display:none}@media (prefers-color-scheme:light){.narrow.light{display:block}}@media (prefers-color-scheme:dark){.narrow.dark{display:block}}}
table{border-collapse:collapse;font-size:13px;margin:6px 0}th,td{padding:3px 10px 3px 0;border-bottom:1px solid var(--line);text-align:right;font-variant-numeric:tabular-nums}th{text-align:left;font-weight:600}
details{margin-top:4px}summary{cursor:pointer;color:var(--faint)}.scroll{overflow-x:auto}
li{overflow-wrap:anywhere;margin-bottom:4px}
@media print{:root{--text:#000;--back:#fff;--card:#f5f7f9;--line:#ccc}.dark,.narrow{display:none!important}.light.wide{display:block!important}section{break-inside:avoid}body{max-width:none}}`;

const tiles = (data.tiles ?? []).map(([label, shown, note]) => `<div class="tile${String(shown ?? '').length > 10 ? ' long' : ''}"><span>${escape(label)}</span><b>${escape(shown || '–')}</b><span>${escape(note)}</span></div>`).join('\n');
const stale = data.status?.stale ? '<p><strong>Histories are stale: the rows have changed since. SELECT rebuild_histories();</strong></p>' : '';
const nothing = data.day ? '' : `<p>${data.unit ? 'There is no revenue on the days that are compared: ASOF=2024-12-31 names another day.' : 'Nothing has been reported yet: SELECT nightly_report();'}</p>`;
const unit = { 'a month': ' ARR is twelve times what the file says of a month.', 'a year': ' The amounts of the file are taken to be of a year; UNIT=month says otherwise.' }[data.unit] ?? '';
const warnings = data.warnings ? `<section><h2>Look at these rows first</h2><ul>${
	data.warnings.split(/^warning: /m).filter(Boolean).map(w => w.split('\n').map(escape)).map(([what, ...advice]) => `<li dir="auto"><strong>${what}</strong> ${advice.map(a => a.trim()).join(' ')}</li>`).join('')}</ul></section>` : '';

writeFileSync(target, `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escape(data.company)}: retention</title><style>${style}</style></head>
<body><h1 dir="auto">${escape(data.company)}</h1><p>${data.day ? `The year until ${escape(data.day)}.` : ''}${unit}</p>${stale}${nothing}${warnings}
<div class="tiles">${tiles}</div>
${sections.join('\n')}
${losses}
</body></html>
`);
