"""How much of a file is read."""

MOST_BYTES = 256 * 1024 * 1024
MOST_UNPACKED = 3 * 1024 * 1024 * 1024
MOST_ROWS = 1_000_000
MOST_COLUMNS = 1000
# A workbook is laid out as a full rectangle in memory, some forty bytes a cell.
MOST_CELLS = 80_000_000
# A single record of a CSV that runs over more lines than this has lost its closing quotation mark.
MOST_LINES_OF_A_ROW = 500
HEADING_WITHIN = 30
SAMPLE = 200
