// The part of peers.py that runs in Node.js.
//
//   node node_peers.cjs fixtures NODE_MODULES               the templates in docxtemplater's tests, as JSON
//   node node_peers.cjs fill NODE_MODULES JOBS.json         fills {peer, template, data, options, out} each
"use strict";
const fs = require("fs");
const path = require("path");
const Module = require("module");

// What the tests require and no template needs: any name of it is a function that does nothing.
const nothing = new Proxy(function () {}, { get: () => nothing, apply: () => nothing, set: () => true });

function fixtures(modules) {
  const load = Module._load;
  const tests = path.join(fs.realpathSync(modules), "docxtemplater", "js", "tests");
  Module._load = (name, parent, main) => {
    if (name === "lodash") return { assign: Object.assign };
    const inTests = parent && parent.filename && parent.filename.startsWith(tests);
    const errors = /\berrors\.js$/.test(name);
    return inTests && !errors ? nothing : load(name, parent, main);
  };
  const all = require(path.join(tests, "e2e", "fixtures.js"));
  Module._load = load;
  const told = all.map((one) => {
    const { delimiters, ...options } = one.options || {};
    const plain = isPlain(one.scope);
    const braces = delimiters && delimiters.start === "{" && delimiters.end === "}";
    const known = Object.keys(options).every((key) => key === "paragraphLoop");
    return {
      name: one.it,
      content: one.content === undefined ? null : one.content,
      text: one.contentText === undefined ? null : one.contentText,
      data: plain ? one.scope : null,
      options: known ? options : {},
      usable: plain && braces && known && !one.error && !one.errorType && !one.pptx,
    };
  });
  console.log(JSON.stringify(told));
}

// Whether a value can be written as JSON and be read as the same.
function isPlain(value) {
  if (value === null || ["string", "number", "boolean"].includes(typeof value)) return true;
  if (Array.isArray(value)) return value.every(isPlain);
  const own = typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype;
  return own && Object.values(value).every(isPlain);
}

async function fill(modules, jobs) {
  for (const { peer, template, data, options, out } of JSON.parse(fs.readFileSync(jobs, "utf8"))) {
    const bytes = fs.readFileSync(template);
    try {
      fs.writeFileSync(out, await fillOne(modules, peer, bytes, data, options));
    } catch (error) {
      fs.writeFileSync(`${out}.error`, String(error && error.message));
    }
  }
}

async function fillOne(modules, peer, bytes, data, options) {
  if (peer === "docxtemplater") {
    const PizZip = require(path.join(modules, "pizzip"));
    const Docxtemplater = require(path.join(modules, "docxtemplater"));
    const document = new Docxtemplater(new PizZip(bytes), options);
    document.render(data);
    return document.getZip().generate({ type: "nodebuffer" });
  }
  const { TemplateHandler } = require(path.join(modules, "easy-template-x"));
  return Buffer.from(await new TemplateHandler().process(bytes, data));
}

const [, , what, modules, jobs] = process.argv;
if (what === "fixtures") fixtures(path.resolve(modules));
else fill(path.resolve(modules), jobs);
