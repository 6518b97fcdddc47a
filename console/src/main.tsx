// The console's page: puts it into the document. Owns nothing else.

import './locale.js';
import { render } from 'preact';
import { App } from './app.js';
import './styles.css';

const page = document.getElementById('page');
if (page !== null) render(<App />, page);
