"""docxtpl's part: fills a template once for each line of a file of JSON objects, in one process.

    python docxtpl_batch.py TEMPLATE.docx CONTEXTS.jsonl FOLDER
"""

import io
import json
import sys
from pathlib import Path

from docxtpl import DocxTemplate


def main(template: str, contexts: str, folder: str) -> None:
    """Fills."""
    source = Path(template).read_bytes()
    with open(contexts, encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            # docxtpl reads the package anew for every render, also when the object is kept.
            document = DocxTemplate(io.BytesIO(source))
            document.render(json.loads(line), autoescape=True)
            document.save(str(Path(folder) / f"{number:05}.docx"))


if __name__ == "__main__":
    main(*sys.argv[1:])
