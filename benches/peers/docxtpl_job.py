"""docxtpl's part of the comparison: fills a template once for each line of a file of JSON objects.

    python docxtpl_job.py TEMPLATE.docx CONTEXTS.jsonl OUT.docx

One line is a cold run, many are a warm one. Writes the first document to OUT.docx and prints one JSON object a
document: wall and CPU milliseconds from the JSON text to the finished bytes in memory.
"""

import io
import json
import sys
import time

from docxtpl import DocxTemplate


def main(template: str, contexts: str, out: str) -> None:
    """Fills and times."""
    with open(template, "rb") as file:
        source = file.read()
    with open(contexts, encoding="utf-8") as file:
        lines = file.read().splitlines()
    for index, line in enumerate(lines):
        wall, cpu = time.perf_counter(), time.process_time()
        # docxtpl reads the package anew for every render, also when the object is kept.
        document = DocxTemplate(io.BytesIO(source))
        document.render(json.loads(line), autoescape=True)
        result = io.BytesIO()
        document.save(result)
        timing = {"wall_ms": (time.perf_counter() - wall) * 1e3, "cpu_ms": (time.process_time() - cpu) * 1e3}
        print(json.dumps(timing))
        if index == 0:
            with open(out, "wb") as file:
                file.write(result.getvalue())


if __name__ == "__main__":
    main(*sys.argv[1:])
