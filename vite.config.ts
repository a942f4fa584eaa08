/**
 * Builds the dashboard (`dashboard/`) into `dist/dashboard`, which the sensor serves.
 *
 * The server sends a strict content security policy (`default-src 'self'`), so
 * nothing may be inline: no scripts, no data: addresses, no polyfill in the page.
 * Addresses are relative, so the page also works below a path of a reverse proxy.
 */
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

// The one default export of the project: Vite asks for it.
export default defineConfig({
  root: 'dashboard',
  base: './',
  plugins: [svelte()],
  build: {
    outDir: '../dist/dashboard',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
  },
})
