// The part of docxtemplater, easy-template-x and carbone in the comparison.
//
//   node job.mjs ENGINE NODE_MODULES TEMPLATE.docx DATA.jsonl OUT.docx
//
// Fills the template once for each line of data, as benches/peers/docxtpl_job.py does.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { promisify } from "node:util";

const [engine, modules, template, data, out] = process.argv.slice(2);
const require = createRequire(path.join(path.resolve(modules), "_"));
const source = fs.readFileSync(template);

// Each is driven as its documentation shows; none of them takes a prepared template.
const engines = {
  docxtemplater() {
    const [Docxtemplater, PizZip] = [require("docxtemplater"), require("pizzip")];
    return (values) => {
      const document = new Docxtemplater(new PizZip(source), { paragraphLoop: true, linebreaks: true });
      document.render(values);
      return document.getZip().generate({ type: "nodebuffer", compression: "DEFLATE" });
    };
  },
  "easy-template-x"() {
    const { TemplateHandler } = require("easy-template-x");
    const handler = new TemplateHandler();
    return (values) => handler.process(source, values);
  },
  carbone() {
    const carbone = require("carbone");
    const render = promisify(carbone.render);
    return (values) => render(path.resolve(template), values, {});
  },
};

const render = engines[engine]();
const lines = fs.readFileSync(data, "utf8").trimEnd().split("\n");
for (const [index, line] of lines.entries()) {
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  const result = await render(JSON.parse(line));
  const used = process.cpuUsage(cpu);
  console.log(JSON.stringify({ wall_ms: performance.now() - wall, cpu_ms: (used.user + used.system) / 1e3 }));
  if (index === 0) fs.writeFileSync(out, result);
}
process.exit(0);
