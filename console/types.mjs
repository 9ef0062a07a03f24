// Makes src/api-types.ts of the server's OpenAPI document: what the page takes for granted is what a test of the server holds.
import { readFileSync, writeFileSync } from 'node:fs';

const here = new URL('.', import.meta.url);
const document = JSON.parse(readFileSync(new URL('../crates/server/src/console_api/openapi.json', here), 'utf8'));

function type(schema, indent) {
  if (schema.$ref) return schema.$ref.split('/').pop();
  if (schema.oneOf) return schema.oneOf.map(one => type(one, indent)).join(' | ');
  if (schema.enum) return schema.enum.map(value => JSON.stringify(value)).join(' | ');
  if (Array.isArray(schema.type)) return schema.type.map(one => type({ ...schema, type: one }, indent)).join(' | ');
  switch (schema.type) {
    case 'string': case 'boolean': case 'null': return schema.type;
    case 'integer': case 'number': return 'number';
    case 'array': return `Array<${type(schema.items, indent)}>`;
    case 'object': return object(schema, indent);
    default: return 'unknown';
  }
}

function object(schema, indent) {
  const inner = `${indent}  `;
  const lines = Object.entries(schema.properties).flatMap(([name, property]) => [
    ...(property.description ? [`${inner}/** ${property.description} */`] : []),
    `${inner}${name}: ${type(property, inner)};`,
  ]);
  return `{\n${lines.join('\n')}\n${indent}}`;
}

const parts = Object.entries(document.components.schemas).map(
  ([name, schema]) => `${schema.description ? `/** ${schema.description} */\n` : ''}export interface ${name} ${object(schema, '')}\n`,
);
writeFileSync(
  new URL('src/api-types.ts', here),
  `// Made by types.mjs of crates/server/src/console_api/openapi.json: edit that.\n\n${parts.join('\n')}`,
);
