import { createRequire } from 'node:module';
import react from '@vitejs/plugin-react';
import { rolldown } from 'rolldown';
import { defineConfig, type Plugin } from 'vite';
// @ts-expect-error: plain JavaScript
import { theme } from './theme.mjs';

const require = createRequire(import.meta.url);

/** The design system brings eight faces of its font, in the style sheet itself: of those two are used. */
function usedFaces(): Plugin {
  return {
    name: 'used-faces',
    enforce: 'pre',
    transform(code, id) {
      if (!id.includes('global-styles') || !id.endsWith('.css')) return;
      const kept = /font-weight:\s*(400|700)\b/;
      return code.replace(/@font-face\s*\{[^}]*\}/g, face => (kept.test(face) && !/font-style:\s*italic/.test(face) ? face : ''));
    },
  };
}

/** The accent as a style sheet: `virtual:theme.css`. */
function themeSheet(): Plugin {
  const name = 'virtual:theme.css';
  return {
    name: 'theme-sheet',
    resolveId: id => (id === name ? `\0${name}` : undefined),
    async load(id) {
      if (id !== `\0${name}`) return;
      // Node cannot load the design system's modules as they are: they are bundled for it.
      const bundle = await rolldown({ input: require.resolve('@cloudscape-design/components/theming'), platform: 'node' });
      const { output } = await bundle.generate({ format: 'esm', inlineDynamicImports: true });
      const { generateThemeStylesheet } = await import(`data:text/javascript;base64,${Buffer.from(output[0].code).toString('base64')}`);
      return generateThemeStylesheet({ theme });
    },
  };
}

export default defineConfig({
  base: '/console/',
  plugins: [react(), usedFaces(), themeSheet()],
  build: {
    outDir: process.env.CONSOLE_OUT ?? 'dist',
    emptyOutDir: true,
    target: 'es2022',
    sourcemap: false,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
    rollupOptions: {
      output: {
        manualChunks: id => (/node_modules\/(react|react-dom|scheduler|@tanstack|wouter)\//.test(id) ? 'react' : undefined),
      },
    },
  },
  server: { proxy: service() },
  preview: { proxy: service() },
});

/** A service that runs, for the page that is being worked on: it is asked by its own name, and told of no other origin. */
function service() {
  const target = process.env.TRAILSIGHT ?? 'http://127.0.0.1:4580';
  const configure = (proxy: { on: (event: 'proxyReq', each: (request: { removeHeader: (name: string) => void }) => void) => void }) =>
    proxy.on('proxyReq', request => request.removeHeader('origin'));
  const proxied = { target, changeOrigin: true, configure };
  // AWS's operations are posted to the root.
  return { '/api': proxied, '/trailsight': proxied, '^/$': proxied };
}
