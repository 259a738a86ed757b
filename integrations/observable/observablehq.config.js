// No font, style sheet or code from elsewhere.
export default {
	title: 'Retention',
	root: 'src',
	globalStylesheets: [],
	theme: 'air',
	sidebar: false,
	toc: false,
	pager: false,
	search: false,
	footer: '',
	pages: [],
};
