"""How the annotated workbook looks: one colour for what is refused, another for what is only pointed out; words say the same."""

from __future__ import annotations

from typing import Any

BAD, BAD_INK, ROW, WARNED, WARNED_INK = "#F4B6AE", "#7A1B14", "#FDECEA", "#FFE08A", "#5C4300"
STYLES: dict[str, dict[str, Any]] = {
    "plain": {},
    "row": {"bg_color": ROW},
    "bad": {"bg_color": BAD, "font_color": BAD_INK, "bold": True, "border": 1, "border_color": BAD_INK},
    "warned": {"bg_color": WARNED, "font_color": WARNED_INK, "border": 1, "border_color": WARNED_INK},
    "required": {"bold": True, "bg_color": "#0B5563", "font_color": "#FFFFFF", "border": 1},
    "optional": {"bold": True, "bg_color": "#D9EEF0", "font_color": "#10393F", "border": 1},
}
