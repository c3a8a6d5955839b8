"""Makes tests/data/edited.xlsx: a fresh workbook as a clerk leaves it, saved by openpyxl.

openpyxl keeps formulas but drops their values, as many programs do. Run once, in the repository:
    nianbao new --xlsx --year 2025 --organ 云砚镇人民政府 /tmp/fresh
    python3 tests/data/edited.py /tmp/fresh/report.xlsx tests/data/edited.xlsx      # openpyxl 3.1
"""
import datetime
import sys

import openpyxl

book = openpyxl.load_workbook(sys.argv[1])
info, two, three, four, texts = (book[n] for n in ["基本信息", "表二", "表三", "表四", "正文"])

for row in info.iter_rows(min_row=2):
    values = {"日期": datetime.date(2026, 1, 20), "邮编": 365000, "年度": " ２０２５年"}
    if row[0].value in values:
        row[1].value = values[row[0].value]


def line(sheet, label):
    return next(c.row for row in sheet.iter_rows() for c in row if c.value == label)


# 数字成了文字、带空格、全角
two.cell(line(two, "行政许可"), 2).value = " 12 "
two.cell(line(two, "行政事业性收费"), 2).value = "１.25"
received = line(three, "一、本年新收政府信息公开申请数量")
three.cell(received, 4).value = "３"
three.cell(received, 5).value = " 4"
granted = line(three, "（一）予以公开")
three.cell(granted, 4).value = 3
three.cell(granted, 8).value = None  # 留空
petition, repeat = line(three, "1.信访举报投诉类申请"), line(three, "2.重复申请")
# 两行换了位置，其中一行隐藏
for column in range(3, 10):
    a, b = three.cell(petition, column), three.cell(repeat, column)
    a.value, b.value = b.value, a.value
three.cell(repeat, 5).value = 4
three.row_dimensions[repeat].hidden = True
# 名称中有换行、空格、半角括号
three.cell(line(three, "6.属于四类过程性信息"), 3).value = "6. 属于四类过程性\n信息"
three.cell(granted, 2).value = "(一) 予以公开"
three.cell(received, 12).value = "核对人：张三"

# 表四整体右移一列，数据行前空两行
merges = [str(m) for m in four.merged_cells.ranges]
for merge in merges:
    four.unmerge_cells(merge)
last = four.max_row
four.move_range(f"A{last}:O{last}", rows=2, cols=1, translate=True)
four.move_range(f"A1:O{last - 1}", cols=1)
for merge in merges:
    moved = openpyxl.worksheet.cell_range.CellRange(merge)
    moved.shift(col_shift=1)
    four.merge_cells(str(moved))
four.cell(last + 2, 7).value = 2

row = line(texts, "六、其他需要报告的事项")
texts.cell(row, 2).value = "第一段。"
texts.cell(row + 1, 2).value = "第二段。"
texts.cell(row, 1).value = "其他需要报告的事项"
draft = book.create_sheet("草稿")
draft["A1"] = "这里是草稿"
book.move_sheet("草稿", offset=-5)
book.save(sys.argv[2])
