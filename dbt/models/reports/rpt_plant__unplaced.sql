{{ report_unplaced('plant') }}
