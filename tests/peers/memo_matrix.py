"""Count words by memo-ms, in an environment that has it: `python memo_matrix.py FOLDER OUT.csv`.

The columns, without a header, are unit, word and n.
"""

import csv
import logging
import sys
from pathlib import Path

from memo_ms.classes import MemoMatrix

logging.disable(logging.CRITICAL)
matrix = MemoMatrix()
matrix.memo_from_unaligned_samples(sys.argv[1])
counts = matrix.memo_matrix.stack()
with Path(sys.argv[2]).open("w", newline="") as file:
    csv.writer(file).writerows((unit, word, int(n)) for (unit, word), n in counts[counts > 0].items())
print(f"memo-ms: {matrix.memo_matrix.shape[1]:,} words in {matrix.memo_matrix.shape[0]} files")
