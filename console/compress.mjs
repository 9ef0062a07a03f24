// Writes each file of the build beside itself as brotli, and last `built`: that all is there, and a hash of it.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const out = process.env.CONSOLE_OUT ?? 'dist';
let bytes = 0;
let files = 0;
const hash = createHash('sha256');

function compress(folder) {
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) {
      compress(path);
    } else if (!name.endsWith('.br')) {
      const text = readFileSync(path);
      const options = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: text.length };
      const compressed = brotliCompressSync(text, { params: options });
      writeFileSync(`${path}.br`, compressed);
      hash.update(relative(out, path)).update(compressed);
      bytes += compressed.length;
      files += 1;
    }
  }
}

compress(out);
writeFileSync(join(out, 'built'), `${hash.digest('hex')}\n`);
console.log(`${files} files, ${Math.round(bytes / 1000)} kB as brotli`);
