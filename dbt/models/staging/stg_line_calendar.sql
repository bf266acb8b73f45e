{{ staged('line_calendar') }}
